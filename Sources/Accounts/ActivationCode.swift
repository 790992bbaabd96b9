/// What a counsellor hands to a young person: ten letters and digits, shown as `XXXXX-XXXXX`.
struct ActivationCode: Sendable, Equatable {
    /// The ten symbols, without the dash.
    let symbols: String

    /// Without 0 and O, 1 and I and L, and U that is read as V.
    static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    static let length = 10

    /// A new code: 10 of 30 symbols, 49 bits.
    init(random: (Int) -> [UInt8]) {
        var symbols: [UInt8] = []
        // The largest multiple of 30 in a byte: what lies above would favour some symbols.
        let bound = UInt8(256 / Self.alphabet.count * Self.alphabet.count)
        while symbols.count < Self.length {
            for byte in random(Self.length) where byte < bound && symbols.count < Self.length {
                symbols.append(Self.alphabet[Int(byte) % Self.alphabet.count])
            }
        }
        self.symbols = String(decoding: symbols, as: UTF8.self)
    }

    /// The code that someone typed: spaces, dashes and letter case aside; `nil` if it cannot be one.
    init?(typed text: String) {
        guard text.utf8.count <= Self.typedBytesMax else { return nil }
        var symbols: [UInt8] = []
        for character in text where !character.isWhitespace && !Self.dashes.contains(character) {
            guard let ascii = character.asciiValue else { return nil }
            let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(ascii)
            let symbol = isLower ? ascii - 32 : ascii
            guard Self.alphabet.contains(symbol) else { return nil }
            symbols.append(symbol)
        }
        guard symbols.count == Self.length else { return nil }
        self.symbols = String(decoding: symbols, as: UTF8.self)
    }

    /// The code as people see it.
    var shown: String { "\(symbols.prefix(5))-\(symbols.suffix(5))" }

    /// What is stored of the code of one person.
    ///
    /// One round is enough for a secret of 49 random bits that lives for a week and can be tried 25
    /// times a day.
    func hash(for personID: String) -> [UInt8] {
        Digest.sha256(Array("activation:\(personID):\(symbols)".utf8))
    }

    // Phones replace a typed hyphen by one of these.
    private static let dashes: Set<Character> = [
        "-", "\u{2010}", "\u{2011}", "\u{2013}", "\u{2014}",
    ]
    private static let typedBytesMax = 100
}
