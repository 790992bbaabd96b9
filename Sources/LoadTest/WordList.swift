import ClientKit

/// Words for made-up messages: of the length and letters of real ones, accents included.
enum WordList {
    static let words: [String] =
        """
        bonjour merci demain rendez-vous entretien dossier formation stage mission semaine heure \
        matin soir lundi mardi mercredi jeudi vendredi je tu nous vous on est ai avez avoir être \
        faire fait prêt possible déjà encore bien très peu plus moins avec sans pour dans chez \
        sur le la les un une des mon ma mes votre vos ce cette ces que qui où quand comment \
        pourquoi parce mais ou et donc car employeur candidature lettre motivation curriculum \
        projet métier boulangerie vente accueil restauration logement transport permis vélo bus \
        adresse téléphone réponse question problème idée papier attestation contrat salaire \
        horaire équipe travail recherche offre annonce atelier visite salon forum école diplôme \
        niveau expérience aide santé famille enfant argent banque compte numéro code signature
        """
        .split(whereSeparator: \.isWhitespace).map(String.init)

    /// So many words with spaces between.
    static func text(words count: Int, _ random: inout SeededGenerator) -> String {
        var text = ""
        for position in 0..<count {
            if position > 0 { text += " " }
            text += words[random.below(words.count)]
        }
        return text
    }

    /// So many characters of words.
    static func text(characters count: Int, _ random: inout SeededGenerator) -> String {
        var text = ""
        var length = 0
        while length < count {
            let word = words[random.below(words.count)]
            // A text must not end in white space alone, and takes exactly the length asked for.
            let piece = length == 0 ? word : " " + word
            let part = piece.prefix(count - length)
            text += part == " " ? "." : part
            length += part.count
        }
        return text
    }
}
