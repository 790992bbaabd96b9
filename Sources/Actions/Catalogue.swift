import Contracts

/// What a counsellor can pick from.
enum Catalogue {
    /// The twenty entries, in the order in which they are shown.
    static let entries: [CatalogueEntry] = [
        entry(
            "identifier-atouts",
            "Identifier ses atouts et ses compétences",
            .projetProfessionnel
        ),
        entry("identifier-pistes-metier", "Identifier des pistes de métier", .projetProfessionnel),
        entry("identifier-entreprises", "Identifier des entreprises", .emploi),
        entry(
            "contacter-employeur-immersion",
            "Contacter un employeur pour effectuer une période d'immersion en entreprise",
            .projetProfessionnel
        ),
        entry("enquete-metier", "Effectuer une enquête métier", .projetProfessionnel),
        entry("salon-forum", "Participer à un salon / un forum", .emploi),
        entry("informer-formation", "S'informer sur une formation", .formation),
        entry("contacter-organisme-formation", "Contacter un organisme de formation", .formation),
        entry("ouvrir-cpf", "Ouvrir son compte personnel de formation", .formation),
        entry("mettre-a-jour-cv", "Mettre à jour son CV", .emploi),
        entry("rediger-lettre-motivation", "Rédiger une lettre de motivation", .emploi),
        entry("consulter-offres", "Consulter les offres d'emploi", .emploi),
        entry("repondre-offre", "Répondre à une offre d'emploi", .emploi),
        entry("candidatures-spontanees", "Effectuer des candidatures spontanées", .emploi),
        entry("tableau-prospection", "Tenir un tableau de prospection", .emploi),
        entry("entretien-embauche", "Se rendre à un entretien d'embauche", .emploi),
        entry(
            "creer-reprendre-entreprise",
            "Rechercher des informations pour créer ou reprendre une entreprise",
            .projetProfessionnel
        ),
        entry("contacter-mission-locale", "Contacter la mission locale", .citoyennete),
        entry(
            "contacter-prestations-sociales",
            "Contacter un organisme de prestations sociales (CAF, CPAM, MSA)",
            .citoyennete
        ),
        entry(
            "mobilite-etranger",
            "S'informer pour une mobilité à l'étranger",
            .projetProfessionnel
        ),
    ]

    private static let byID = Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0) })

    /// The entry `id`; `nil` if there is none.
    static func entry(_ id: String) -> CatalogueEntry? { byID[id] }

    /// What an action of a category counts for if nobody says otherwise, in minutes.
    static func defaultMinutes(_ category: Category) -> UInt32 {
        switch category {
        case .emploi, .formation: 180
        case .projetProfessionnel, .cultureSportLoisirs, .citoyennete, .logement, .sante: 120
        case .nonSnp, .unspecified, .unrecognized: 0
        }
    }

    private static func entry(
        _ id: String,
        _ title: String,
        _ category: Category
    ) -> CatalogueEntry {
        CatalogueEntry(
            id: id,
            title: title,
            category: category,
            defaultMinutes: defaultMinutes(category)
        )
    }
}
