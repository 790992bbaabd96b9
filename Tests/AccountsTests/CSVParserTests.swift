@testable import Accounts
import Testing

/// How a file becomes records, whatever the pieces in which it comes.
@Suite struct CSVParserTests {
    private static let text = """
        \u{FEFF}kind,name\r
        structure,"Mission ""locale"", Paris"\r
        \r
        structure,"two
        lines"
        ab"c,quote
        "closed"x,text
        ,
        last, spaced\t
        """

    private static let outputs: [CSVParser.Output] = [
        .record(CSVRecord(line: 1, fields: ["kind", "name"])),
        .record(CSVRecord(line: 2, fields: ["structure", #"Mission "locale", Paris"#])),
        .record(CSVRecord(line: 4, fields: ["structure", "two\nlines"])),
        .fault(line: 6, mend: "has a quote inside an unquoted field"),
        .fault(line: 7, mend: "has text behind a closing quote"),
        .record(CSVRecord(line: 8, fields: ["", ""])),
        .record(CSVRecord(line: 9, fields: ["last", "spaced"])),
    ]

    private func parse(_ bytes: [UInt8], pieceBytes: Int) -> [CSVParser.Output] {
        var parser = CSVParser()
        var outputs: [CSVParser.Output] = []
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            let piece = bytes[start..<min(start + pieceBytes, bytes.count)]
            parser.parse(piece) { outputs.append($0) }
        }
        parser.finish { outputs.append($0) }
        return outputs
    }

    @Test func recordsAreTheSameForPiecesOfEverySize() {
        let bytes = Array(Self.text.utf8)
        for pieceBytes in 1...bytes.count {
            #expect(parse(bytes, pieceBytes: pieceBytes) == Self.outputs, "\(pieceBytes)")
        }
    }

    @Test func anEmptyFileHasNoRecords() {
        #expect(parse([], pieceBytes: 1) == [])
        #expect(parse([0xEF, 0xBB, 0xBF], pieceBytes: 1) == [])
        #expect(parse(Array("\n\r\n".utf8), pieceBytes: 1) == [])
    }

    @Test func aLineBreakAtTheEndAddsNoRecord() {
        let record = CSVParser.Output.record(CSVRecord(line: 1, fields: ["a", "b"]))
        #expect(parse(Array("a,b\n".utf8), pieceBytes: 2) == [record])
        #expect(parse(Array("a,b\r\n".utf8), pieceBytes: 2) == [record])
        #expect(parse(Array("a,b\r".utf8), pieceBytes: 2) == [record])
        #expect(parse(Array("a,\"b\"".utf8), pieceBytes: 2) == [record])
    }

    @Test func aQuoteThatIsNeverClosedIsToldWhereItOpens() {
        let bytes = Array("a\nb,\"c\nd\ne".utf8)
        #expect(
            parse(bytes, pieceBytes: 3) == [
                .record(CSVRecord(line: 1, fields: ["a"])),
                .fault(line: 2, mend: "opens a quote that is never closed"),
            ]
        )
    }

    @Test func aRecordThatNeverEndsIsCutOffAndReadingGoesOn() {
        let long = [UInt8](repeating: UInt8(ascii: "x"), count: 20_000)
        let bytes = Array("a\n".utf8) + long + Array("\nb\n".utf8)
        #expect(
            parse(bytes, pieceBytes: 1_000) == [
                .record(CSVRecord(line: 1, fields: ["a"])),
                .fault(
                    line: 2,
                    mend: "is longer than 16 KiB, or opens a quote that is never closed"
                ),
                .record(CSVRecord(line: 3, fields: ["b"])),
            ]
        )
        let commas = [UInt8](repeating: UInt8(ascii: ","), count: 20_000)
        #expect(parse(commas, pieceBytes: 7_000).count == 1)
    }

    @Test func invalidUTF8AndLoneCarriageReturnsAreFaultsOfTheirLine() {
        let bytes: [UInt8] = Array("a\nb".utf8) + [0xC3, 0x28, 0x0A] + Array("c\rd\ne\n".utf8)
        #expect(
            parse(bytes, pieceBytes: 4) == [
                .record(CSVRecord(line: 1, fields: ["a"])),
                .fault(line: 2, mend: "is not UTF-8 text"),
                .fault(line: 3, mend: "has a carriage return without line feed"),
                .record(CSVRecord(line: 4, fields: ["e"])),
            ]
        )
    }

    @Test func aPartOfAByteOrderMarkIsNoMark() {
        #expect(
            parse([0xEF, 0xBB, 0x61, 0x0A], pieceBytes: 1) == [
                .fault(line: 1, mend: "is not UTF-8 text")
            ]
        )
    }
}
