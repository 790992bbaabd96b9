/// The phrases of `DomainWords`, five lines for each letter of the ROME: deeds, objects, skills, the
/// companies' trade, and how small companies begin their names.
///
/// Written for this project.
enum DomainTexts {
    static let all = [
        // A: farming, fishing, green spaces, animals
        """
        récolter|planter|tailler|entretenir|nourrir|arroser|désherber|surveiller|conduire|irriguer|traire
        les parcelles de vigne|les arbres fruitiers|les serres de tomates|le troupeau de vaches laitières|\
        les massifs et les pelouses|les haies|les clôtures|les semences|les légumes de saison|le tracteur|\
        la moissonneuse-batteuse|les bâtiments d'élevage|les chevaux et les poneys|les volailles|\
        les ruches|les plants en pépinière|le système d'arrosage|les engrais|les allées du parc|\
        les filets de pêche|les bassins de truites|les arbres dangereux|les fourrages|les brebis
        la taille de la vigne|la conduite d'engins agricoles|la reconnaissance des végétaux|\
        l'élagage|la traite|l'usage de la tronçonneuse|l'agriculture biologique|la tonte|le greffage
        la culture maraîchère et l'entretien des espaces verts
        EARL|Pépinières|Domaine|Ferme|Vergers|Paysages
        """,
        // B: arts and crafts
        """
        fabriquer|restaurer|polir|sculpter|décorer|assembler|dessiner|coudre|graver|émailler
        les meubles anciens|les bijoux en argent|les vitraux|les objets en céramique|les cadres|\
        les instruments à cordes|les reliures|les vêtements sur mesure|les sièges|les tentures|\
        les maquettes|les pièces uniques|les luminaires|les mosaïques|les horloges|les poteries|\
        les broderies|les chapeaux|les ferronneries d'art|les dorures|les pianos|les marionnettes
        la dorure|le tournage|la marqueterie|le sertissage|la couture|la soudure fine|le modelage
        l'artisanat d'art
        Atelier|Maison|Ébénisterie|Bijouterie|Les Ateliers
        """,
        // C: bank, insurance, real estate
        """
        conseiller|gérer|analyser|négocier|instruire|vendre|louer|estimer|suivre|souscrire
        les dossiers de crédit|les contrats d'assurance|un portefeuille de particuliers|les sinistres|\
        les biens immobiliers|les mandats de vente|les états des lieux|les copropriétés|les loyers|\
        les placements des clients|les risques|les produits d'épargne|les comptes professionnels|\
        les rendez-vous de la clientèle|les visites d'appartements|les indemnisations|les baux|\
        les opérations de caisse|les successions|les prêts immobiliers|les impayés|les charges locatives
        la réglementation bancaire|le droit immobilier|l'analyse financière|la relation client|\
        la négociation|les produits d'assurance|la loi Alur
        la banque, l'assurance et l'immobilier
        Cabinet|Agence|Immobilière|Mutuelle|Assurances
        """,
        // D: shops and sales
        """
        accueillir|conseiller|encaisser|réassortir|vendre|étiqueter|présenter|préparer|fidéliser|prospecter
        les clients du magasin|les rayons|la vitrine|les pains et les viennoiseries|les produits frais|\
        les fruits et légumes|les vêtements et les chaussures|la caisse|les promotions|les stocks|\
        les commandes en ligne|les livraisons|les cartes de fidélité|les inventaires|la réserve|\
        les fromages à la coupe|les poissons et les coquillages|les viandes|les bouquets de fleurs|\
        les appareils électroménagers|les parfums et les cosmétiques|les jouets|les devis|\
        les retours et les échanges|le drive|les têtes de gondole
        la vente|l'encaissement|la mise en rayon|la gestion des stocks|le merchandising|l'hygiène alimentaire|\
        la prospection|l'anglais commercial|la découpe
        le commerce de détail et la grande distribution
        Boulangerie|Boucherie|Épicerie|Fleurs|Optique|Boutique|Primeurs|Supermarché|Librairie
        """,
        // E: communication, media, print
        """
        rédiger|concevoir|filmer|photographier|imprimer|publier|animer|mettre en page|monter|illustrer
        les articles du site|les réseaux sociaux|les affiches|les plaquettes|les vidéos promotionnelles|\
        la newsletter|le plan de communication|les communiqués de presse|les maquettes graphiques|\
        les reportages|les campagnes publicitaires|la charte graphique|les catalogues|les événements|\
        les podcasts|le journal interne|les bannières|les sites internet|les salons professionnels|\
        les retouches de photos|les étiquettes|les machines offset
        la suite Adobe|le montage vidéo|le référencement naturel|l'orthographe|la photographie|la PAO
        la communication et l'imprimerie
        Studio|Imprimerie|Agence|Éditions|Média
        """,
        // F: building
        """
        poser|monter|couler|carreler|peindre|isoler|maçonner|démolir|terrasser|étancher|coffrer|métrer
        les murs en parpaings|les dalles de béton|les cloisons en placo|les charpentes|les tuiles|\
        les fenêtres et les volets|les carrelages|les façades|les réseaux d'eau|les tableaux électriques|\
        les échafaudages|les enduits|les parquets|les salles de bains|les chaudières|les gaines|\
        les tranchées|les routes et les trottoirs|les toitures|les plafonds suspendus|les escaliers|\
        les pompes à chaleur|les panneaux photovoltaïques|les plans d'exécution|les chantiers|les pelles
        la lecture de plans|la pose de placo|le coffrage|l'habilitation électrique|la maçonnerie|\
        le CACES R482|les normes de sécurité|le métré|l'isolation
        la construction et la rénovation de bâtiments
        Maçonnerie|Plomberie|Bâtiment|Toitures|Électricité|Peinture|Menuiserie|Chauffage
        """,
        // G: hotels, restaurants, tourism
        """
        cuisiner|servir|dresser|accueillir|nettoyer|préparer|débarrasser|réserver|organiser|animer|éplucher
        les entrées et les desserts|les tables de la terrasse|les clients de l'hôtel|les chambres|\
        le bar|les cocktails|les plats du jour|les petits déjeuners|la plonge|les réservations|\
        les menus de la cantine|les pizzas|les banquets|les légumes|le buffet|les vins|les réceptions|\
        les excursions|les vacanciers du camping|les étages|la salle de restaurant|les burgers|\
        les pâtisseries|les groupes de touristes|la carte|les arrivées et les départs
        la cuisine traditionnelle|le service en salle|la méthode HACCP|l'anglais|l'œnologie|la pâtisserie|\
        l'accueil|la mise en place|le port du plateau
        l'hôtellerie et la restauration
        Restaurant|Hôtel|Brasserie|Le Bistrot|Camping|Pizzeria|Traiteur|La Table|Auberge
        """,
        // H: industry
        """
        usiner|souder|assembler|contrôler|régler|conditionner|conduire|programmer|ébavurer|emballer|calibrer
        les pièces mécaniques|les lignes de production|les machines à commande numérique|les tôles|\
        les cartes électroniques|les lots de médicaments|les flacons|les cadences|les presses|\
        les moules d'injection|les câbles|les structures métalliques|les plans de fabrication|\
        les défauts de qualité|les fours|les robots|les gammes d'usinage|les échantillons|\
        les produits laitiers|les carcasses|les textiles|les emballages en carton|les turbines|\
        les fuselages|les ordres de fabrication|les fiches de suivi
        la soudure TIG|la lecture de plans|la métrologie|le tournage|le fraisage|les bonnes pratiques|\
        le contrôle qualité|la GPAO|l'ajustage
        la production industrielle
        Mécanique|Usinage|Fonderie|Métallerie|Conserverie|Plastiques|Laiterie|Industries
        """,
        // I: maintenance
        """
        réparer|diagnostiquer|dépanner|entretenir|remplacer|régler|installer|contrôler|vidanger|câbler
        les moteurs diesel|les freins et les embrayages|les ascenseurs|les chaudières|les pneus|\
        les équipements frigorifiques|les carrosseries|les poids lourds|les vélos électriques|\
        les installations électriques|les automates|les pompes|les réseaux de fibre optique|\
        les lave-linge|les engins de chantier|les portails automatiques|les alarmes|les boîtes de vitesses|\
        les tondeuses|les avions de tourisme|les éoliennes|les imprimantes|les compresseurs
        l'électromécanique|le diagnostic électronique|l'hydraulique|le froid|la mécanique automobile|\
        la GMAO|l'habilitation électrique|la soudure
        la maintenance et la réparation
        Garage|Auto|Carrosserie|Dépannage|Froid|Ascenseurs|Maintenance
        """,
        // J: health
        """
        soigner|accompagner|accueillir|surveiller|préparer|administrer|transporter|rassurer|rééduquer
        les résidents de l'EHPAD|les patients du service|les médicaments|les pansements|les toilettes|\
        les repas des patients|les dossiers médicaux|les prises de sang|les ordonnances|les nouveau-nés|\
        les personnes âgées dépendantes|les plannings de soins|le matériel stérile|les urgences|\
        les constantes|les séances de kinésithérapie|les transmissions|les lits|les ambulances|\
        les prélèvements|les troubles du langage|les familles|les lunettes et les lentilles|les prothèses
        les gestes d'urgence|l'hygiène hospitalière|la manutention des malades|les soins palliatifs|\
        la bientraitance|l'écoute|le diplôme d'État|la gériatrie
        les soins et la santé
        Clinique|Pharmacie|EHPAD|Ambulances|Résidence|Laboratoire|Centre médical
        """,
        // K: services to people and to the public
        """
        accompagner|aider|garder|animer|nettoyer|repasser|enseigner|surveiller|orienter|écouter|encadrer
        les personnes âgées à domicile|les enfants de trois mois à six ans|les bureaux|les vitres|\
        les devoirs des élèves|le linge|les ateliers d'insertion|les jeunes en difficulté|les courses|\
        les repas à domicile|les locaux de l'école|les parties communes|les demandeurs d'emploi|\
        les personnes en situation de handicap|les déchets|les sorties d'école|les cours de mathématiques|\
        les accès au site|les rondes de nuit|les stagiaires|les usagers de la mairie|les familles d'accueil|\
        les bacs de tri|les projets éducatifs|les séjours
        l'aide à la toilette|la petite enfance|le bionettoyage|la pédagogie|la médiation|la carte professionnelle|\
        les gestes et postures|le permis B|l'animation
        les services à la personne
        Association|Services|Crèche|Propreté|Aide à domicile|Sécurité|Mairie|École
        """,
        // L: shows and sports
        """
        jouer|éclairer|sonoriser|monter|répéter|encadrer|produire|mettre en scène|entraîner|maquiller
        les spectacles|les décors|les projecteurs|les concerts|les tournées|les cours de danse|\
        les entraînements|les équipes de football|les costumes|les micros|les prises de vue|\
        les festivals|les scènes de théâtre|les castings|les stages de musique|les compétitions|\
        les effets spéciaux|les gradins|les répétitions|les artistes
        la régie son|la régie lumière|le solfège|le brevet d'État|le montage de scène|le chant
        le spectacle et le sport
        Compagnie|Théâtre|Club|Festival|Productions
        """,
        // M: support of companies
        """
        gérer|saisir|classer|développer|tester|analyser|piloter|recruter|rédiger|administrer|auditer|déployer
        les factures des fournisseurs|la paie|les applications web|les bases de données|le standard|\
        les courriers|les contrats de travail|les tableaux de bord|les achats|les réunions|les agendas|\
        les serveurs et les réseaux|les tickets d'assistance|la comptabilité générale|le bilan|\
        les indicateurs de vente|les appels d'offres|les campagnes de recrutement|les plans de formation|\
        les spécifications techniques|les interfaces|les relances|les notes de frais|le budget|\
        les déclarations de TVA|les données clients|les projets informatiques|le code source
        Excel|Python|Java|la comptabilité|le droit du travail|SQL|l'anglais professionnel|JavaScript|SAP|\
        Linux|la gestion de projet|la frappe rapide|Kubernetes|PHP
        le conseil et les services aux entreprises
        Cabinet|Conseil|Informatique|Fiduciaire|Secrétariat|Solutions|Systèmes
        """,
        // N: transport and logistics
        """
        charger|décharger|livrer|conduire|préparer|stocker|expédier|réceptionner|inventorier|trier|filmer
        les palettes|les colis|les commandes au scanner|les camions|les chariots élévateurs|les quais|\
        les bons de livraison|les tournées|le car scolaire|les passagers|les conteneurs|les rayonnages|\
        les trains de marchandises|les plannings des chauffeurs|les véhicules utilitaires|les douanes|\
        les emplacements de stockage|les semi-remorques|les bagages|les flux de marchandises|les bus|\
        les déménagements|les citernes|les lettres et les paquets|les transpalettes
        le CACES R489|le permis C|le permis CE|la FIMO|la préparation vocale|le permis D|l'arrimage|\
        la gestion d'entrepôt|le chronotachygraphe
        le transport et la logistique
        Transports|Logistique|Messagerie|Taxis|Déménagements|Autocars
        """,
    ]
}
