/// One record of a CSV file.
struct CSVRecord: Equatable, Sendable {
    /// The line on which it begins, counted from 1.
    let line: Int
    /// Its fields, without quotes and without spaces at either end.
    let fields: [String]
}

/// A CSV reader that takes the file in pieces of any size.
///
/// Takes commas, LF or CRLF, quoted fields with doubled quotes and line breaks inside, a byte order
/// mark, and a last line without end. Empty lines are passed over. What cannot be read is told by
/// line, and reading goes on with the next one.
///
/// Source: RFC 4180.
struct CSVParser: Sendable {
    /// What the bytes turned out to be.
    enum Output: Equatable, Sendable {
        case record(CSVRecord)
        case fault(line: Int, mend: String)
    }

    private enum State {
        case fieldStart
        case unquoted
        case quoted
        case quoteInQuoted
        case afterCarriageReturn
        /// Behind a fault, up to the end of the line.
        case skipping
    }

    private var state = State.fieldStart
    /// The line of the next byte.
    private var line = 1
    private var recordLine = 1
    /// The bytes of the record's fields, one after the other, and where each ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// How much of a byte order mark was seen; `nil` once that is decided.
    private var markSeen: Int? = 0

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// Reads the next piece and hands on what it completes.
    mutating func parse(
        _ piece: some Sequence<UInt8>,
        _ body: (Output) throws -> Void
    ) rethrows {
        for byte in piece {
            if markSeen != nil, passesByteOrderMark(byte) { continue }
            if let output = step(byte) { try body(output) }
        }
    }

    /// Ends the file: hands on a last line without line break.
    mutating func finish(_ body: (Output) throws -> Void) rethrows {
        markSeen = nil
        switch state {
        case .quoted:
            try body(.fault(line: recordLine, mend: "opens a quote that is never closed"))
        case .skipping:
            break
        case .fieldStart where ends.isEmpty && bytes.isEmpty:
            break
        case .afterCarriageReturn:
            if let output = endRecord() { try body(output) }
        default:
            endField()
            if let output = endRecord() { try body(output) }
        }
        state = .fieldStart
    }

    /// Whether the byte belongs to a byte order mark at the file's very beginning.
    private mutating func passesByteOrderMark(_ byte: UInt8) -> Bool {
        guard let seen = markSeen, byte == Self.byteOrderMark[seen] else {
            // A part of the mark is no text in any encoding of ours; the header will not match.
            if let seen = markSeen, seen > 0 {
                bytes += Self.byteOrderMark.prefix(seen)
                state = .unquoted
            }
            markSeen = nil
            return false
        }
        markSeen = seen + 1 == Self.byteOrderMark.count ? nil : seen + 1
        return true
    }

    private mutating func step(_ byte: UInt8) -> Output? {
        if byte == Self.lineFeed { line += 1 }
        switch state {
        case .fieldStart:
            if byte == Self.quote {
                state = .quoted
                return nil
            }
            return stepOutsideQuotes(byte)
        case .unquoted:
            if byte == Self.quote { return fail("has a quote inside an unquoted field") }
            return stepOutsideQuotes(byte)
        case .quoted:
            if byte == Self.quote {
                state = .quoteInQuoted
                return nil
            }
            return append(byte)
        case .quoteInQuoted:
            switch byte {
            case Self.quote:
                state = .quoted
                return append(byte)
            case Self.comma, Self.lineFeed, Self.carriageReturn:
                return stepOutsideQuotes(byte)
            default:
                return fail("has text behind a closing quote")
            }
        case .afterCarriageReturn:
            guard byte == Self.lineFeed else {
                return fail("has a carriage return without line feed")
            }
            return endRecord()
        case .skipping:
            if byte == Self.lineFeed { startRecord() }
            return nil
        }
    }

    private mutating func stepOutsideQuotes(_ byte: UInt8) -> Output? {
        switch byte {
        case Self.comma:
            endField()
            return overlong(at: byte)
        case Self.lineFeed:
            endField()
            return endRecord()
        case Self.carriageReturn:
            endField()
            state = .afterCarriageReturn
            return nil
        default:
            state = .unquoted
            return append(byte)
        }
    }

    private mutating func append(_ byte: UInt8) -> Output? {
        bytes.append(byte)
        return overlong(at: byte)
    }

    private mutating func overlong(at byte: UInt8) -> Output? {
        guard bytes.count + ends.count > Limits.importRecordBytesMax else { return nil }
        return fail("is longer than 16 KiB, or opens a quote that is never closed", at: byte)
    }

    private mutating func endField() {
        ends.append(bytes.count)
        state = .fieldStart
    }

    private mutating func endRecord() -> Output? {
        defer { startRecord() }
        if ends.count == 1, bytes.isEmpty { return nil }
        var fields: [String] = []
        fields.reserveCapacity(ends.count)
        var start = 0
        for end in ends {
            guard let field = String(validating: trimmed(start..<end), as: UTF8.self) else {
                return .fault(line: recordLine, mend: "is not UTF-8 text")
            }
            fields.append(field)
            start = end
        }
        return .record(CSVRecord(line: recordLine, fields: fields))
    }

    private func trimmed(_ range: Range<Int>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
        }
        var slice = bytes[range]
        while let first = slice.first, isSpace(first) { slice.removeFirst() }
        while let last = slice.last, isSpace(last) { slice.removeLast() }
        return slice
    }

    private mutating func startRecord() {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        recordLine = line
        state = .fieldStart
    }

    private mutating func fail(_ mend: String, at byte: UInt8? = nil) -> Output {
        let output = Output.fault(line: recordLine, mend: mend)
        startRecord()
        if byte != Self.lineFeed { state = .skipping }
        return output
    }
}
