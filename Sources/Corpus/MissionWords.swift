/// The missions of civic service: domain of the source, letter of the ROME whose words their texts
/// borrow, and titles.
///
/// Written for this project.
struct MissionWords: Sendable {
    let domain: String
    let letter: Character
    let titles: [String]
    /// The titles, ready to be written.
    let titleBytes: [[UInt8]]

    static let all: [MissionWords] = texts.map { domain, letter, titles in
        MissionWords(
            domain: domain,
            letter: letter,
            titles: titles.split(separator: "|").map(String.init),
            titleBytes: Texts.list(titles)
        )
    }

    private static let texts: [(String, Character, String)] = [
        (
            "education", "K",
            """
            Accompagner les élèves dans leur scolarité|Lutter contre le décrochage scolaire|\
            Aider aux devoirs et à la lecture|Favoriser l'accès à l'orientation|\
            Participer à l'éveil musical des enfants
            """
        ),
        (
            "solidarite-insertion", "K",
            """
            Lutter contre l'isolement des personnes âgées|Accueillir les personnes sans abri|\
            Participer à la distribution alimentaire|Accompagner les familles vers leurs droits|\
            Soutenir l'inclusion des personnes en situation de handicap
            """
        ),
        (
            "environnement", "A",
            """
            Sensibiliser à la protection de la biodiversité|Promouvoir le tri et la réduction des déchets|\
            Animer un jardin partagé|Sensibiliser aux éco-gestes|Promouvoir la mobilité douce
            """
        ),
        (
            "sport", "L",
            """
            Promouvoir le sport pour tous|Développer le sport féminin|\
            Favoriser la pratique sportive dans les quartiers|Accompagner les jeunes licenciés du club
            """
        ),
        (
            "culture-loisirs", "L",
            """
            Favoriser l'accès à la culture|Animer la médiathèque|Faire découvrir le patrimoine local|\
            Participer à l'organisation d'un festival|Accueillir les publics du musée
            """
        ),
        (
            "sante", "J",
            """
            Sensibiliser à la prévention santé|Accompagner les résidents d'un EHPAD|\
            Améliorer l'accueil des patients à l'hôpital|Promouvoir le don du sang
            """
        ),
        (
            "prevention-protection", "K",
            """
            Sensibiliser aux gestes qui sauvent|Promouvoir la sécurité routière|\
            Être ambassadeur de la sécurité civile
            """
        ),
        (
            "emploi", "M",
            """
            Accompagner les usagers dans les démarches en ligne|\
            Faciliter l'accès au numérique des demandeurs d'emploi|Promouvoir l'engagement des jeunes
            """
        ),
        (
            "humanitaire", "K",
            "Agir pour la solidarité internationale|Collecter des dons pour les réfugiés"
        ),
        (
            "vivre-ensemble", "E",
            """
            Animer la vie du quartier|Favoriser le lien entre les générations|\
            Développer la communication de l'association
            """
        ),
    ]
}
