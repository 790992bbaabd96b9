/// What the work of one letter of the ROME is about, in phrases of which texts are made.
struct DomainWords: Sendable {
    /// What is done: "préparer".
    let deeds: [String]
    /// What it is done with, behind a deed: "les commandes des clients".
    let objects: [String]
    /// What one should know, behind "maîtrise de": "la taille de la vigne".
    let skills: [String]
    /// What the companies do, behind "spécialisée dans": "la culture maraîchère".
    let trade: String
    /// The beginning of small companies' names: "Boulangerie".
    let houses: [String]

    /// The letters of the ROME in order.
    static let letters = "ABCDEFGHIJKLMN"

    /// One for each letter, in order.
    static let all: [DomainWords] = DomainTexts.all.map { text in
        let lines = text.split(separator: "\n").map { line in
            line.split(separator: "|").map {
                String($0.drop(while: \.isWhitespace).trimmedEnd)
            }
        }
        precondition(lines.count == 5, "a domain has five lines")
        return DomainWords(
            deeds: lines[0],
            objects: lines[1],
            skills: lines[2],
            trade: lines[3][0],
            houses: lines[4]
        )
    }
}

extension Substring {
    /// Without white space at its end.
    var trimmedEnd: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
