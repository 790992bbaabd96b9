import Testing

@testable import Offers

@Suite struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test func everyKindOfValueIsRead() throws {
        let value = try parse(#" {"a":[1,-2.5e3,"x",true,false,null],"b":{"c":{}}, "d":[] } "#)
        #expect(value["a"].elements.count == 6)
        #expect(value["a"][1].double == -2500)
        #expect(value["a"][3] == .bool(true))
        #expect(value["b"]["c"] == .object([]))
        #expect(value["d"] == .array([]))
        #expect(value["missing"]["deeper"][7] == .null)
    }

    @Test func longNumbersKeepTheirDigits() throws {
        #expect(try parse("12345678901234567890123")["x"].text == nil)
        #expect(try parse("12345678901234567890123").text == "12345678901234567890123")
    }

    @Test(arguments: [
        (#""\n\t\"\\\/\u00e9""#, "\n\t\"\\/é"),
        (#""\ud83d\ude42""#, "🙂"),
        (#""\ud83d!""#, "\u{FFFD}!"),
        (#""\ude42""#, "\u{FFFD}"),
        (#""\ud83d\u0041""#, "\u{FFFD}"),
        ("\"a\tb\"", "a\tb"),
    ])
    func escapesAreResolved(text: String, expected: String) throws {
        #expect(try parse(text).text == expected)
    }

    @Test func bytesThatAreNotUTF8BecomeReplacementCharacters() throws {
        #expect(try JSONParser.parse([0x22, 0xFF, 0x41, 0x22]).text == "\u{FFFD}A")
    }

    @Test(arguments: [
        "", "{", "[1,", "{\"a\"}", "{\"a\":}", "{a:1}", "[1 2]", "tru", "nul", "\"", "\"\\",
        "\"\\u12",
        "\"\\x\"", "1 2", "-", "1e", "+1", "{\"a\":1,}", "[1,]", "\u{7F}",
    ])
    func brokenTextsAreRefused(text: String) {
        #expect(throws: JSONFault.self) { try parse(text) }
    }

    @Test func nestingIsBounded() throws {
        let fitting = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try parse(fitting)
        #expect(throws: JSONFault.self) { try parse("[\(fitting)]") }
        #expect(throws: JSONFault.self) { try parse(String(repeating: "{\"a\":", count: 10_000)) }
    }

    @Test func accessorsAreLenient() {
        #expect(JSONValue.string("48,85").double == 48.85)
        #expect(JSONValue.string("nan").double == nil)
        #expect(JSONValue.number("1e999").double == nil)
        #expect(JSONValue.string("6 mois").integer == 6)
        #expect(JSONValue.number("99999999999").integer == nil)
        #expect(JSONValue.string("Oui").flag == true)
        #expect(JSONValue.string("x").elements == [.string("x")])
        #expect(JSONValue.null.elements == [])
        #expect(JSONValue.string("").text == nil)
    }
}
