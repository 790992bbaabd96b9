/// What texts of all trades have in common.
///
/// Written for this project.
enum CommonWords {
    /// Where and how, behind an object.
    static let manners = """
        dans le respect des consignes|en équipe|en toute autonomie|avec rigueur|chaque matin|\
        selon les procédures|sur site|en lien avec le responsable|à l'aide des outils mis à disposition|\
        dans le respect des règles d'hygiène et de sécurité|en fonction des priorités|au quotidien|\
        avec le sourire|sous la responsabilité du chef d'équipe|dans les délais|par roulement|\
        selon le planning établi|en horaires décalés|sur plusieurs secteurs|pour nos clients|\
        en binôme avec un collègue|le week-end si besoin|sur l'ensemble du département
        """
    /// Behind "Vous êtes".
    static let qualities = """
        rigoureux|autonome|dynamique|motivé|ponctuel|organisé|souriant|polyvalent|sérieux|curieux|\
        réactif|méthodique|volontaire|disponible|à l'écoute|patient|minutieux|discret|créatif|\
        débrouillard|persévérant|bienveillant|manuel|diplomate|mobile|adaptable|enthousiaste|assidu
        """
    /// Nouns that any offer may hold, the most frequent first.
    static let nouns = """
        équipe|poste|entreprise|mission|clients|formation|expérience|travail|service|activité|site|\
        contrat|secteur|profil|qualité|projet|suivi|sécurité|gestion|horaires|client|groupe|agence|\
        candidature|développement|responsable|besoin|production|recrutement|relation|véhicule|matériel|\
        rémunération|salaire|outils|objectifs|organisation|domaine|cadre|salariés|parcours|compétences|\
        règles|produits|accueil|magasin|planning|semaine|permis|diplôme|intégration|évolution|atelier|\
        chantier|métier|prime|repas|tickets|mutuelle|transport|logement|déplacements|région|territoire|\
        procédures|normes|hygiène|environnement|performance|innovation|démarche|partenaires|collègues|\
        direction|réseau|valeurs|ambiance|autonomie|confiance|respect|esprit|engagement|bienveillance|\
        écoute|rigueur|dynamisme|polyvalence|initiative|motivation|ponctualité|curiosité|discrétion|\
        disponibilité|adaptabilité|aisance|sens|goût|passion|maîtrise|connaissance|lecture|écriture|\
        anglais|bureautique|informatique|logiciel|tableur|messagerie|téléphone|réunion|compte rendu|\
        rapport|dossier|courrier|archives|facture|commande|livraison|stock|inventaire|entrepôt|quai|\
        palette|caisse|rayon|vitrine|étiquette|promotion|fidélité|enquête|satisfaction|réclamation|\
        devis|chiffre|marge|budget|tableau|indicateur|audit|contrôle|essai|mesure|réglage|panne|\
        entretien|nettoyage|désinfection|linge|tenue|uniforme|vestiaire|badge|parking|cantine|\
        restaurant|hébergement|saison|été|hiver|vacances|nuit|matin|soir|journée|astreinte|relève|\
        roulement|pause|heure|majoration|treizième mois|intéressement|participation|télétravail|\
        tutorat|apprentissage|alternance|stage|tuteur|école|université|titre|certificat|habilitation|\
        agrément|casier|vaccin|visite médicale|lunettes|casque|gants|chaussures|harnais|échelle|\
        nacelle|grue|pelle|camion|fourgon|remorque|scooter|vélo|train|métro|tramway|gare|aéroport|\
        port|usine|laboratoire|bureau|open space|résidence|clinique|crèche|lycée|mairie|préfecture|\
        association|coopérative|fondation|syndicat|filiale|siège|succursale|franchise|enseigne|marque
        """
    /// Behind a noun, for all genders.
    static let describers = """
        à taille humaine|en pleine croissance|de proximité|de qualité|sur mesure|au quotidien|\
        du secteur|de la région|en place|à venir|en cours|de référence|de confiance|à responsabilité|\
        de terrain|en équipe|à domicile|du territoire|de pointe|sans contrainte|à temps choisi
        """
    /// Sentences that thousands of offers share.
    static let boilerplate = [
        "Poste à pourvoir dès que possible.",
        "Débutant accepté, une formation interne est assurée à votre arrivée.",
        "Rémunération selon profil et expérience.",
        "Nous étudions toutes les candidatures à compétences égales, dont celles de personnes en "
            + "situation de handicap.",
        "Merci d'envoyer votre CV et une lettre de motivation.",
        "Vous bénéficiez d'une mutuelle d'entreprise et de tickets restaurant.",
        "Travail du lundi au vendredi, en horaires de journée.",
        "Travail le week-end et les jours fériés par roulement.",
        "Le permis B est exigé et un véhicule est souhaité.",
        "Période d'essai de deux mois, renouvelable une fois.",
        "Les avantages : treizième mois, intéressement, comité d'entreprise.",
        "Poste accessible en transports en commun.",
        "Possibilité d'évolution au sein du groupe.",
        "Un logement peut être proposé pour la saison.",
        "Sans réponse sous trois semaines, veuillez considérer que votre candidature n'a pas été "
            + "retenue.",
        "Ce poste est ouvert aux personnes titulaires de la RQTH.",
        "Prise en charge de la moitié de l'abonnement de transport.",
        "Le contrat peut déboucher sur une embauche durable.",
        "Heures supplémentaires majorées ou récupérées.",
        "Rejoignez-nous et grandissez avec nous !",
    ]
    /// Large employers, made up; each has places everywhere.
    static let chains = """
        Norvalis|Grand Frais Soleil|Oméga Distribution|Altérance|Propreval|Domiservis|Bricomax|\
        Restoplus|Cap Intérim|Vivéa Emploi|Transalis|Logifrance|Santéliance|Klimatec|Batiprest|\
        Numéris|Securalis|Agrivia|Hôtels Azuréa|Les Halles du Centre|Mécanova|Pharmadis|Textilia|\
        Autovia|Énergélia|Colisvert|Pause Gourmande|Vergers de France|Opticlair|Crédit Rural
        """
    /// Parts of made-up companies' names.
    static let syllables = """
        al|bel|car|dor|el|fer|gal|har|is|jo|kel|lan|mar|nor|ol|per|qui|ros|sol|tal|ul|val|win|xa|yon|\
        zel|bri|cro|dra|eno|flo|gre|ira|lio|mon|nav|opa|pro|ria|sta|tri|uni|ver|ora|eva|ino|atec|alis
        """
    /// Family names that companies bear.
    static let families = """
        Martin|Bernard|Petit|Robert|Richard|Durand|Dubois|Moreau|Laurent|Simon|Michel|Lefebvre|Leroy|\
        Roux|Bertrand|Morel|Fournier|Girard|Bonnet|Dupont|Lambert|Fontaine|Rousseau|Muller|Faure|\
        Mercier|Blanc|Guérin|Boyer|Garnier|Chevalier|Legrand|Gauthier|Garcia|Perrin|Morin|Roussel|\
        Masson|Marchand|Duval|Denis|Lemaire|Meyer|Dufour|Meunier|Brun|Blanchard|Giraud|Joly|Rivière|\
        Brunet|Gaillard|Barbier|Arnaud|Martinez|Roche|Renard|Schmitt|Leroux|Colin|Vidal|Caron|Picard|\
        Fabre|Aubert|Lemoine|Renaud|Dumas|Lacroix|Bourgeois|Benoît|Leclerc|Payet|Rolland|Lecomte
        """
}
