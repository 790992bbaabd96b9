import Testing

@testable import Offers

@Suite struct OfferSplitterTests {
    /// The objects found as text, and the faults as "line: reason".
    private func split(
        _ text: String,
        pieceBytes: Int = 1_000_000
    ) -> (offers: [String], faults: [String]) {
        var splitter = OfferSplitter()
        var offers: [String] = []
        var faults: [String] = []
        func take(_ events: [OfferSplitter.Event]) {
            for event in events {
                switch event {
                case .offer(let bytes, let line, let collection):
                    offers.append("\(line)\(collection):" + String(decoding: bytes, as: UTF8.self))
                case .fault(let line, let reason): faults.append("\(line): \(reason)")
                }
            }
        }
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let end = min(start + pieceBytes, bytes.count)
            take(splitter.push(Array(bytes[start..<end])))
            start = end
        }
        take(splitter.finish())
        return (offers, faults)
    }

    private static let forms = [
        ("{\"id\":1}\n{\"id\":2}\n", ["1:{\"id\":1}", "2:{\"id\":2}"]),
        ("\u{FEFF}{\"id\":1}\r\n\r\n{\"id\":2}", ["1:{\"id\":1}", "3:{\"id\":2}"]),
        ("[\n {\"id\":1},\n {\"a\":[{}]}\n]", ["2:{\"id\":1}", "3:{\"a\":[{}]}"]),
        ("{\n\"id\":1\n}\n{\n\"id\":2\n}", ["1:{\n\"id\":1\n}", "4:{\n\"id\":2\n}"]),
        (
            #"{"resultats":[{"id":"a"}],"filtresPossibles":[{"agregation":[{"x":1}]}]}"#,
            [#"1resultats:{"id":"a"}"#]
        ),
        (
            #"{"total":2,"hits":[{"_id":"a"},{"_id":"b"}],"facets":{"domains":[{"key":"x"}]}}"#,
            [#"1hits:{"_id":"a"}"#, #"1hits:{"_id":"b"}"#]
        ),
        (#"{"data":[{"siret":"1"}],"pagination":{"totalRecords":1}}"#, [#"1data:{"siret":"1"}"#]),
        (#"{"ok":true,"data":{"_id":"a"}}"#, [#"1:{"_id":"a"}"#]),
        (#"{"ok":false,"data":null,"error":"no"}"#, [#"1:{"ok":false,"data":null,"error":"no"}"#]),
        (
            #"{"jobs":[{"x":{"jobs":[]}}],"recruiters":[{"y":1}],"warnings":[{"code":"W"}]}"#,
            [#"1jobs:{"x":{"jobs":[]}}"#, #"1recruiters:{"y":1}"#]
        ),
        (
            #"{"peJobs":null,"matchas":{"results":[{"a":1}],"more":[{"b":1}]},"lbaCompanies":{"results":[{"c":1}]}}"#,
            [#"1matchas:{"a":1}"#, #"1lbaCompanies:{"c":1}"#]
        ),
        (#"{"a":"\\\"}{ \u00e9 é 🙂 "}"#, [#"1:{"a":"\\\"}{ \u00e9 é 🙂 "}"#]),
        (
            "{\"a\":\"\u{2028}\u{2029}\"}\n{\"b\":1}",
            ["1:{\"a\":\"\u{2028}\u{2029}\"}", "2:{\"b\":1}"]
        ),
        ("{\"hits\":[]}\n{\"hits\":[{\"a\":1}]}", ["2hits:{\"a\":1}"]),
        ("[]", []), ("", []), ("  \n ", []),
    ]

    @Test(arguments: forms)
    func offersAreFoundInEveryFormAndPieceSize(text: String, expected: [String]) {
        for size in 1...max(1, text.utf8.count) {
            let result = split(text, pieceBytes: size)
            #expect(result.offers == expected, "pieces of \(size)")
            #expect(result.faults == [], "pieces of \(size)")
        }
    }

    @Test func brokenLinesAreToldAndTheNextLineIsRead() {
        let good = "{\"id\":1}"
        for broken in [
            "{\"id\":\"a", "{\"id\":", "{\"id\" 1}", "{\"a\":[1,2", "{\"a\":[1,2,", "{]", "rubbish",
            "null",
            "{\"a\":tru\"}", "{\"a\":1}}", "{\"id\":\"a\\",
        ] {
            let text = "\(good)\n\(broken)\n\(good)\n"
            for size in [1, 3, 1_000] {
                let result = split(text, pieceBytes: size)
                let lines = result.offers.filter { $0.hasSuffix(good) }.map { $0.prefix(1) }
                #expect(lines == ["1", "3"], "\(broken)")
                #expect(result.faults.count == 1 && result.faults[0].hasPrefix("2: "), "\(broken)")
            }
        }
    }

    @Test func aBrokenFirstLineDoesNotHideTheSecond() {
        let result = split("{\"id\":\"a\",\"x\":{\"y\":1\n{\"id\":2}\n{\"id\":3}\n")
        #expect(result.offers == ["2:{\"id\":2}", "3:{\"id\":3}"])
        #expect(result.faults == ["1: The JSON lacks a comma or a closing brace."])
    }

    @Test func aBrokenDocumentEndsTheReadingButKeepsWhatCameBefore() {
        let result = split("[\n{\"id\":1},\n{\"id\":2}\n{\"id\":3}\n]\n")
        #expect(result.offers == ["2:{\"id\":1}", "3:{\"id\":2}"])
        #expect(result.faults.count == 1)
        #expect(result.faults.first?.hasPrefix("4: The JSON lacks a comma") == true)
    }

    @Test(arguments: ["[{\"id\":1},", "{\"hits\":[{\"id\":1}", "{\"hits\":[{\"id\":1}],\"x\":\""])
    func aTruncatedDocumentIsTold(text: String) {
        let result = split(text)
        #expect(result.offers.count == 1)
        #expect(result.faults == ["1: The file ends too early."])
    }

    @Test func aTruncatedOfferIsTold() {
        #expect(split("{\"id\":1}\n\n{\"id\":").faults == ["3: The file ends inside this offer."])
    }

    @Test func deepNestingIsRefusedAndTheNextOfferRead() {
        let deep =
            String(repeating: "{\"a\":[", count: 5_000) + String(repeating: "]}", count: 5_000)
        let result = split("{\"x\":\(deep)}\n{\"id\":1}\n")
        #expect(result.offers == ["2:{\"id\":1}"])
        #expect(result.faults == ["1: The offer is nested deeper than 64 levels."])
    }

    @Test func deepNestingWithoutEndIsRefused() {
        let result = split(String(repeating: "[", count: 10_000))
        #expect(result.offers == [])
        #expect(result.faults == ["1: The file ends too early."])
    }

    @Test func aLineOfAHundredMegabytesIsRefusedWithoutBeingKept() {
        var splitter = OfferSplitter()
        var events = splitter.push(Array("{\"a\":\"".utf8))
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 256 * 1024)
        for _ in 0..<400 {
            events += splitter.push(piece)
            #expect(splitter.capturedBytes <= OfferLimits.offerBytesMax)
        }
        events += splitter.push(Array("\"}\n{\"id\":1}\n".utf8))
        events += splitter.finish()
        #expect(
            events == [
                .fault(line: 1, reason: "The offer is longer than 256 KiB."),
                .offer(bytes: Array("{\"id\":1}".utf8), line: 2, collection: ""),
            ]
        )
    }

    @Test func anOfferOfExactlyTheLimitIsTaken() {
        let limit = OfferLimits.offerBytesMax
        let fitting = "{\"a\":\"" + String(repeating: "x", count: limit - 8) + "\"}"
        #expect(fitting.utf8.count == limit)
        #expect(split(fitting, pieceBytes: 4_096).offers.count == 1)
        let long = "{\"a\":\"" + String(repeating: "x", count: limit - 7) + "\"}"
        #expect(split(long, pieceBytes: 4_096).faults == ["1: The offer is longer than 256 KiB."])
    }

    @Test func anAnswerMayBeginWithMoreThanAnOffersLength() {
        let filler = String(repeating: "{\"x\":1},", count: 50_000)
        let result = split(
            "{\"filtresPossibles\":[\(filler){}],\"resultats\":[{\"id\":1}]}",
            pieceBytes: 9_999
        )
        #expect(result.offers == ["1resultats:{\"id\":1}"])
        #expect(result.faults == [])
    }

    @Test func randomBytesNeverTrap() {
        var state: UInt64 = 42
        let alphabet = Array("{}[]\":,\\\n 1tn\u{E9}resultats".utf8)
        for _ in 0..<2_000 {
            var splitter = OfferSplitter()
            var events = 0
            for _ in 0..<4 {
                let piece = (0..<24).map { _ in
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    return alphabet[Int(state >> 33) % alphabet.count]
                }
                events += splitter.push(piece).count
            }
            events += splitter.finish().count
            #expect(events <= 97)
        }
    }
}
