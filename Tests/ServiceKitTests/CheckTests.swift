import RPC
import ServiceKit
import Storage
import Testing

@Suite struct CheckTests {
    @Test func aGoodIDIsStoredInLowerCase() throws {
        let id = try Check.id("0190B6E0-0000-7000-8000-00000000000A", "id")
        #expect(id == "0190b6e0-0000-7000-8000-00000000000a")
    }

    @Test(arguments: [
        "", "x", "0190b6e0-0000-7000-8000-00000000000", "0190b6e0_0000-7000-8000-00000000000a",
    ])
    func aBadIDIsNamed(value: String) {
        let error = #expect(throws: RPCError.self) { try Check.id(value, "id") }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("id must be a UUID") == true)
    }

    @Test(arguments: [("", false), ("  \n", false), ("é", true), ("abcd", true), ("abcde", false)])
    func lengthIsCountedInCharacters(text: String, isGood: Bool) {
        #expect(((try? Check.text(text, "text", 1...4)) != nil) == isGood)
    }

    @Test func controlCharactersAreRefused() {
        #expect(throws: RPCError.self) { try Check.text("a\u{7}b", "text", 0...9) }
        #expect(throws: Never.self) { try Check.text("a\n\tb", "text", 0...9) }
    }

    @Test func manyMarksOnOneLetterAreManyCharacters() {
        let text = "a" + String(repeating: "\u{301}", count: 10)
        #expect(throws: RPCError.self) { try Check.text(text, "text", 1...5) }
    }

    @Test func aLimitHasADefaultAndABound() throws {
        #expect(try Check.limit(0, default: 20, max: 100) == 20)
        #expect(try Check.limit(100, default: 20, max: 100) == 100)
        #expect(throws: RPCError.self) { try Check.limit(101, default: 20, max: 100) }
    }
}

@Suite struct CursorTests {
    @Test(arguments: [
        ["a"], ["", ""], ["0190b6e0", "1795514400000", "é"], [String(repeating: "x", count: 99)],
    ])
    func partsComeBack(parts: [String]) throws {
        #expect(try Cursor.decode(Cursor.encode(parts), count: parts.count) == parts)
    }

    @Test func anythingElseIsRefused() {
        #expect(throws: RPCError.self) { try Cursor.decode("!", count: 1) }
        #expect(throws: RPCError.self) { try Cursor.decode(Cursor.encode(["a"]), count: 2) }
        #expect(throws: RPCError.self) {
            try Cursor.decode(Base64URL.text([0xFF, 0xFE]), count: 1)
        }
    }
}

@Suite struct IDGeneratorTests {
    @Test func idsAreVersionSevenAndRiseWithTime() throws {
        let ids = IDGenerator { 0xFFFF_FFFF_FFFF_FFFF }
        let first = ids.next(at: Timestamp(milliseconds: 1))
        let second = ids.next(at: Timestamp(milliseconds: 2))
        #expect(first == "00000000-0001-7fff-bfff-ffffffffffff")
        #expect(first < second)
        #expect(try Check.id(first, "id") == first)
    }
}
