/// What people type for a trade and offers call otherwise: abbreviations, everyday words, former
/// names.
///
/// Each line holds what may stand for each other.
enum Synonyms {
    /// By the tokens of a form, joined: the other forms, as tokens.
    private static let table: [String: [[String]]] = {
        let analyzer = TextAnalyzer()
        var table: [String: [[String]]] = [:]
        for line in lines.split(separator: "\n") {
            let forms = line.split(separator: "=").map { form in
                analyzer.tokens(String(form)).split(separator: " ").map(String.init)
            }
            for form in forms {
                table[form.joined(separator: " "), default: []] += forms.filter { $0 != form }
            }
        }
        return table
    }()

    /// Forms have at most so many tokens.
    static let tokensMax = 4
    private static let formsMax = 6

    /// What may stand for `tokens`, in their order.
    static func forms(_ tokens: some Collection<String>) -> [[String]] {
        Array((table[tokens.joined(separator: " ")] ?? []).prefix(formsMax))
    }

    private static let lines = """
        infirmier=ide=infirmier diplômé d'état
        agent de service hospitalier=ash
        aide à domicile=auxiliaire de vie=assistant de vie=avs
        accompagnant éducatif et social=aes=aide médico-psychologique=amp
        accompagnant d'élèves en situation de handicap=aesh
        agent spécialisé des écoles maternelles=atsem
        assistant maternel=nounou
        garde d'enfants=nounou=baby-sitter
        puériculture=crèche
        kinésithérapeute=kiné
        développeur=dev=programmeur
        poids lourd=pl
        super lourd=spl
        véhicule léger=vl
        ressources humaines=rh
        bâtiment=btp
        comptable=compta
        sécurité=sécu
        agent de sécurité=vigile=agent de surveillance=gardien
        restaurant=resto
        hôte de caisse=caissier=employé de caisse
        agent d'entretien=femme de ménage=agent de propreté=agent de nettoyage
        employé de ménage=femme de ménage=aide ménager
        chauffeur=conducteur
        chauffeur-livreur=livreur=coursier
        automobile=auto
        mécanicien=mécano
        vendeur=conseiller de vente=employé de vente
        professeur=prof=enseignant
        professeur des écoles=instituteur=instit=maître d'école
        secrétaire=assistant administratif
        téléconseiller=téléopérateur
        conducteur de chariot=cariste
        manutentionnaire=agent de manutention
        barman=barmaid=employé de bar
        jardinier=paysagiste
        hôte d'accueil=agent d'accueil=réceptionniste
        agent de collecte=éboueur=ripeur
        plongeur=agent de plonge
        commis de cuisine=aide cuisinier=aide de cuisine
        cuisinier=cuistot
        technicien informatique=informaticien
        policier=gardien de la paix
        pharmacie=officine
        soudeur=chaudronnier soudeur
        opérateur de production=ouvrier d'usine=agent de production
        employé libre-service=els=employé de rayon=mise en rayon
        esthéticien=esthétique
        animateur=anim
        """
}
