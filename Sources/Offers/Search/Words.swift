/// What the analysis knows of French words; all folded.
enum Words {
    /// Articles and pronouns that lose their vowel: "l'hôtel", "qu'il".
    static let elided = set(
        "l d j m t s c n qu jusqu lorsqu puisqu quoiqu presqu entr quelqu"
    )

    /// Letters that mark gender in pairs: "H/F", "m/w/d", "F-H-X".
    static let genderMarks = set("h f m w x")

    /// Words that carry no meaning of their own.
    static let empty = set(
        """
        a ai ainsi as au aux avec ayant bien c ce ceci cela celle celles celui ces cet cette ceux \
        ci comme d dans de des donc dont du elle elles en encore entre es est et etant ete etes \
        etre eux fh hf il ils j je l la le les leur leurs lors lui m ma mais me mes mon n ne nos \
        notre nous on ont ou par pas plus pour qu que quel quelle quelles quels qui quoi s sa \
        sans se sera serez ses si soit son sont sous sur t ta te tes ton tous tout toute toutes \
        tres tu un une vers vos votre vous y
        """
    )

    /// Endings that writers append to address both genders, and the plural.
    private static let endings = set(
        """
        e es s se ses ne nes te tes le les fe fes esse rice rices trice trices ice euse euses ere \
        eres iere ieres re res eure eures ive ives ienne iennes onne onnes
        """
    )

    /// Endings appended in a row at most: "salarié.e.s".
    private static let endingsMax = 3

    /// "c++" and "c#", which would else be a mere "c".
    static func language(
        _ word: ArraySlice<UInt8>,
        followedBy rest: ArraySlice<UInt8>
    ) -> ArraySlice<UInt8>? {
        if rest.starts(with: "++".utf8) { return word + Array("pp".utf8) }
        if rest.starts(with: "#".utf8) { return word + Array("sharp".utf8) }
        return nil
    }

    /// Where reading goes on after a word that ends at `index`, with inclusive endings passed over:
    /// "apprenti(e)", "vendeur/se", "salarié·e·s", "formateur-rice".
    static func endOfInclusiveForm(_ bytes: [UInt8], from index: Int) -> Int {
        var index = index
        for _ in 0..<endingsMax {
            guard let next = endOfEnding(bytes, from: index) else { break }
            index = next
        }
        return index
    }

    private static func endOfEnding(_ bytes: [UInt8], from index: Int) -> Int? {
        guard index + 1 < bytes.count else { return nil }
        let opening = bytes[index]
        let isBracket = opening == UInt8(ascii: "(")
        let isJoint =
            opening == UInt8(ascii: ".") || opening == UInt8(ascii: "/")
            || opening == UInt8(ascii: "-")
        guard isBracket || isJoint else { return nil }
        var end = index + 1
        if isBracket, bytes[end] == UInt8(ascii: "-") || bytes[end] == UInt8(ascii: "/") {
            end += 1
        }
        let start = end
        while end < bytes.count, end - start <= 8, isLetter(bytes[end]) { end += 1 }
        guard endings.contains(bytes[start..<end]) else { return nil }
        if isBracket {
            guard end < bytes.count, bytes[end] == UInt8(ascii: ")") else { return nil }
            return end + 1
        }
        return end
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func set(_ words: String) -> Set<ArraySlice<UInt8>> {
        Set(words.split { $0 == " " || $0 == "\n" }.map { ArraySlice(Array($0.utf8)) })
    }
}
