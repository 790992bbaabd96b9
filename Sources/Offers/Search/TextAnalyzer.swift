import CStemmer

/// Turns French text into the tokens that are indexed and looked up.
///
/// A word is folded (lower case, accents dropped), brought to one form for both genders, and
/// stemmed. Folding comes before stemming, because people type "developpeuse" and "infirmiere":
/// what the stemmer then no longer sees of accents, `GenderForms` makes up for. Words that carry no
/// meaning, elided articles and marks such as "(H/F)" are dropped.
///
/// Not to be shared between threads: a stemmer holds the word it works on. Making one costs some
/// microseconds.
struct TextAnalyzer: ~Copyable {
    /// Words longer than this are rests of addresses and codes.
    private static let wordBytesMax = 48

    private let stemmer: OpaquePointer

    init() {
        guard let stemmer = sb_stemmer_new("french", "UTF_8") else {
            preconditionFailure("libstemmer has no French stemmer")
        }
        self.stemmer = stemmer
    }

    deinit {
        sb_stemmer_delete(stemmer)
    }

    /// The tokens of `text`, parted by spaces, in its order.
    func tokens(_ text: String) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for word in words(text) {
            if !output.isEmpty { output.append(0x20) }
            append(stemOf: GenderForms.common(word), to: &output)
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The folded words of `text` that carry meaning, in its order.
    func words(_ text: String) -> [ArraySlice<UInt8>] {
        let bytes = Self.folded(text)
        var words: [ArraySlice<UInt8>] = []
        var index = 0
        // Single letters such as the h of "H/F" wait for what comes next.
        var gender: ArraySlice<UInt8>?
        while index < bytes.count {
            guard Self.isWordByte(bytes[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, Self.isWordByte(bytes[index]) { index += 1 }
            let word = bytes[start..<index]
            let next = index < bytes.count ? bytes[index] : 0
            if next == UInt8(ascii: "'"), Words.elided.contains(word) { continue }
            if word.count == 1, next == UInt8(ascii: "+") || next == UInt8(ascii: "#"),
                let language = Words.language(word, followedBy: bytes[index...])
            {
                words.append(language)
                continue
            }
            if Words.genderMarks.contains(word) {
                // The second of two marks shows that both are marks; a single one is a word.
                if gender != nil, words.last == gender { words.removeLast() }
                if gender == nil { words.append(word) }
                gender = word
                continue
            }
            gender = nil
            index = Words.endOfInclusiveForm(bytes, from: index)
            guard word.count <= Self.wordBytesMax, !Words.empty.contains(word) else { continue }
            words.append(word)
        }
        return words
    }

    private func append(stemOf word: ArraySlice<UInt8>, to output: inout [UInt8]) {
        word.withUnsafeBufferPointer { letters in
            // Safety: the stemmer reads `letters` within the call only; the stem that it owns stays
            // until its next word, and is copied before.
            let stem = sb_stemmer_stem(stemmer, letters.baseAddress, Int32(letters.count))
            let length = Int(sb_stemmer_length(stemmer))
            guard let stem, length > 0 else { return output.append(contentsOf: letters) }
            output.append(contentsOf: UnsafeBufferPointer(start: stem, count: length))
        }
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            0x80...0xFF:
            true
        default: false
        }
    }

    /// `text` folded, in which only letters and digits are beyond ASCII.
    private static func folded(_ text: String) -> [UInt8] {
        var folded = ""
        folded.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0..<0x80, 0xC0..<0x250: Folding.append(scalar, to: &folded.unicodeScalars)
            case 0x2019, 0x2018, 0x2BC, 0xB4: folded.unicodeScalars.append("'")
            case 0xB7, 0x2022, 0x2027: folded.unicodeScalars.append(".")
            case 0x2010, 0x2011: folded.unicodeScalars.append("-")
            case 0x300..<0x370: continue
            default:
                let properties = scalar.properties
                if properties.isAlphabetic || properties.numericType != nil {
                    Folding.append(scalar, to: &folded.unicodeScalars)
                } else {
                    folded.unicodeScalars.append(" ")
                }
            }
        }
        return Array(folded.utf8)
    }
}
