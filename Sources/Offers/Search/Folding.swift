/// Lower case without accents: the form in which texts and names are compared.
enum Folding {
    /// `text` in lower case, its accents dropped, ligatures opened: "Œuvre À" becomes "oeuvre a".
    static func fold(_ text: String) -> String {
        var folded = ""
        folded.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { append(scalar, to: &folded.unicodeScalars) }
        return folded
    }

    /// Appends the folded form of one character: none, one or two characters.
    @inline(__always)
    static func append(_ scalar: Unicode.Scalar, to folded: inout String.UnicodeScalarView) {
        let code = scalar.value
        if code < 0x80 {
            let isUpper = code >= 0x41 && code <= 0x5A
            folded.append(isUpper ? Unicode.Scalar(UInt8(code + 0x20)) : scalar)
        } else {
            appendBeyondASCII(scalar, to: &folded)
        }
    }

    private static func appendBeyondASCII(
        _ scalar: Unicode.Scalar,
        to folded: inout String.UnicodeScalarView
    ) {
        let code = scalar.value
        if code >= 0xC0, code < 0x180 {
            let base = latin[Int(code - 0xC0)]
            switch base {
            case "*": appendOpened(scalar, to: &folded)
            default: folded.append(base)
            }
        } else if (0x300..<0x370).contains(code) {
            return  // a combining accent of a decomposed letter
        } else if code < 0xC0 {
            folded.append(scalar)
        } else {
            folded.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
        }
    }

    private static func appendOpened(
        _ scalar: Unicode.Scalar,
        to folded: inout String.UnicodeScalarView
    ) {
        switch scalar {
        case "Æ", "æ": folded.append(contentsOf: "ae".unicodeScalars)
        case "Œ", "œ": folded.append(contentsOf: "oe".unicodeScalars)
        case "ß": folded.append(contentsOf: "ss".unicodeScalars)
        case "Ĳ", "ĳ": folded.append(contentsOf: "ij".unicodeScalars)
        default: folded.append(scalar)
        }
    }

    /// The base letters of U+00C0 to U+017F; `*` where one letter does not do.
    private static let latin = Array(
        ("aaaaaa*ceeeeiiii" + "dnooooo*ouuuuyt*" + "aaaaaa*ceeeeiiii" + "dnooooo*ouuuuyty"
            + "aaaaaaccccccccdd" + "ddeeeeeeeeeegggg" + "gggghhhhiiiiiiii" + "ii**jjkkklllllll"
            + "lllnnnnnnnnnoooo" + "oo**rrrrrrssssss" + "ssttttttuuuuuuuu" + "uuuuwwyyyzzzzzzs")
            .unicodeScalars
    )
}

extension String {
    /// Whether the bytes of `part` occur in this text; for short texts quicker than a search by
    /// characters.
    func holds(_ part: StaticString) -> Bool {
        let length = part.utf8CodeUnitCount
        let utf8 = self.utf8
        guard utf8.count >= length else { return false }
        let first = part.utf8Start[0]
        var start = utf8.startIndex
        for _ in 0...(utf8.count - length) {
            if utf8[start] == first {
                // Safety: a static string lives for ever and has `length` bytes.
                let rest = utf8[start...].prefix(length)
                if rest.elementsEqual(UnsafeBufferPointer(start: part.utf8Start, count: length)) {
                    return true
                }
            }
            start = utf8.index(after: start)
        }
        return false
    }
}
