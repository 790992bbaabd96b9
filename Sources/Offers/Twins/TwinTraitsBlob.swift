extension TwinTraits {
    /// The bytes that the database keeps: fixed numbers, lowest byte first, then the words of the
    /// title, counted, then the bins of the text.
    var stored: [UInt8] {
        var bytes: [UInt8] = [source, UInt8(title.count)]
        for number in [place, company, siret] { Self.append(number, 8, to: &bytes) }
        Self.append(UInt64(day), 4, to: &bytes)
        for word in title { Self.append(UInt64(word), 4, to: &bytes) }
        for bin in text.bins { Self.append(UInt64(bin), 2, to: &bytes) }
        return bytes
    }

    private static let fixedBytes = 2 + 3 * 8 + 4

    /// Reads what `stored` wrote; `nil` for anything else.
    init?(stored bytes: [UInt8]) {
        guard bytes.count >= Self.fixedBytes else { return nil }
        let wordsEnd = Self.fixedBytes + 4 * Int(bytes[1])
        guard [wordsEnd, wordsEnd + 2 * TextSketch.binCount].contains(bytes.count) else {
            return nil
        }
        source = bytes[0]
        place = Self.number(bytes, at: 2, 8)
        company = Self.number(bytes, at: 10, 8)
        siret = Self.number(bytes, at: 18, 8)
        day = UInt32(Self.number(bytes, at: 26, 4))
        title = stride(from: Self.fixedBytes, to: wordsEnd, by: 4).map {
            UInt32(Self.number(bytes, at: $0, 4))
        }
        text = TextSketch(
            bins: stride(from: wordsEnd, to: bytes.count, by: 2).map {
                UInt16(Self.number(bytes, at: $0, 2))
            }
        )
    }

    private static func append(_ number: UInt64, _ count: Int, to bytes: inout [UInt8]) {
        for place in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
        }
    }

    private static func number(_ bytes: [UInt8], at start: Int, _ count: Int) -> UInt64 {
        (0..<count).reduce(0) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
}
