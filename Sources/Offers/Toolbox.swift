import Contracts

/// The services of the scheme 1jeune1solution and of its partners, gathered in one place.
enum Toolbox {
    private static let home = "https://www.1jeune1solution.gouv.fr"

    /// The services, in the order in which they are shown.
    static let tools = [
        Tool(
            id: "simulateur-aides",
            title: "Simulateur d’aides",
            purpose:
                "Savoir en quelques minutes à quelles aides nationales et locales vous avez droit.",
            url: "\(home)/mes-aides"
        ),
        Tool(
            id: "cv",
            title: "Créer son CV",
            purpose: "Composer un CV clair et le télécharger, prêt à être envoyé.",
            url: "\(home)/creer-mon-cv"
        ),
        Tool(
            id: "mentorat",
            title: "Trouver un mentor",
            purpose:
                "Être épaulé par une personne d’expérience dans vos études ou votre recherche.",
            url: "\(home)/mentorat"
        ),
        Tool(
            id: "accompagnement",
            title: "Être accompagné",
            purpose: "Trouver près de chez vous la structure qui peut vous aider.",
            url: "\(home)/accompagnement"
        ),
        Tool(
            id: "evenements",
            title: "Événements de recrutement",
            purpose: "Rencontrer des employeurs lors des forums et des salons de votre région.",
            url: "\(home)/evenements"
        ),
        Tool(
            id: "logement",
            title: "Se loger",
            purpose: "Chercher un logement parmi les annonces destinées aux jeunes.",
            url: "\(home)/logements/annonces"
        ),
        Tool(
            id: "garantie-visale",
            title: "Garantie Visale",
            purpose: "Obtenir un garant gratuit pour louer un logement.",
            url: "https://www.visale.fr/"
        ),
        Tool(
            id: "permis",
            title: "1 jeune, 1 permis",
            purpose: "Trouver les aides qui financent votre permis de conduire.",
            url: "\(home)/1jeune1permis"
        ),
        Tool(
            id: "mobilite",
            title: "Aides à la mobilité",
            purpose:
                "Trouver une aide pour vous déplacer, vous équiper ou faire garder vos enfants.",
            url: "https://mes-aides.francetravail.fr/"
        ),
        Tool(
            id: "sante",
            title: "Complémentaire santé solidaire",
            purpose: "Faire prendre en charge vos dépenses de santé selon vos ressources.",
            url: "https://www.complementaire-sante-solidaire.gouv.fr/"
        ),
        Tool(
            id: "ecoute-sante",
            title: "Fil santé jeunes",
            purpose:
                "Parler de votre santé ou de ce qui vous préoccupe, anonymement et gratuitement.",
            url: "https://www.filsantejeunes.com/"
        ),
        Tool(
            id: "orientation",
            title: "Diagoriente",
            purpose: "Repérer vos compétences et découvrir les métiers qui vous correspondent.",
            url: "https://diagoriente.beta.gouv.fr/"
        ),
        Tool(
            id: "formation",
            title: "Mon compte formation",
            purpose: "Consulter vos droits à la formation et vous inscrire à une formation.",
            url: "https://www.moncompteformation.gouv.fr/"
        ),
        Tool(
            id: "alternance",
            title: "La bonne alternance",
            purpose: "Trouver une formation en alternance et l’entreprise qui va avec.",
            url: "https://labonnealternance.apprentissage.beta.gouv.fr/"
        ),
        Tool(
            id: "immersion",
            title: "Immersion facilitée",
            purpose: "Découvrir un métier quelques jours dans une entreprise près de chez vous.",
            url: "https://immersion-facile.beta.gouv.fr/"
        ),
        Tool(
            id: "engagement",
            title: "JeVeuxAider",
            purpose: "Donner de votre temps à une association près de chez vous ou à distance.",
            url: "https://www.jeveuxaider.gouv.fr/"
        ),
        Tool(
            id: "service-civique",
            title: "Service civique",
            purpose: "Vous engager de 6 à 12 mois dans une mission d’intérêt général indemnisée.",
            url: "https://www.service-civique.gouv.fr/"
        ),
        Tool(
            id: "entrepreneuriat",
            title: "Créer son entreprise",
            purpose: "Préparer et financer la création ou la reprise d’une entreprise.",
            url: "https://bpifrance-creation.fr/"
        ),
        Tool(
            id: "europe",
            title: "Partir en Europe",
            purpose: "Étudier, vous former ou travailler dans un autre pays avec Erasmus+.",
            url: "https://www.generation-erasmus.fr/"
        ),
    ]
}
