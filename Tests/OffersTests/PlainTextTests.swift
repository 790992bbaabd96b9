import Testing

@testable import Offers

@Suite struct PlainTextTests {
    @Test(arguments: [
        ("  a \u{A0} b\t c ", "a b c"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\n\n\n\n b", "a\n\nb"),
        ("a\u{2028}b", "a\nb"),
        ("caf\u{FFFD}é\u{0}\u{1B}[0m\u{85}", "café[0m"),
        ("\u{FEFF}a\u{200B}b\u{202E}c\u{AD}d", "abcd"),
        ("d&eacute;butant &amp; confirm&#233; &#x27;x&#39; &rsquo;", "débutant & confirmé 'x' ’"),
        ("&#146;&#128;&unknown;&", "’€&unknown;&"),
        ("<p>Un</p><p>Deux<br/>Trois</p>", "Un\n\nDeux\nTrois"),
        ("<ul><li>a</li><li class=\"x>\">b</li></ul>", "- a\n- \">b"),
        ("&lt;p&gt;Bonjour&lt;/p&gt;", "Bonjour"),
        ("&amp;lt;b&amp;gt;x&amp;nbsp;y", "x y"),
        ("salaire < 2000 et > 1000 <non-balise>", "salaire < 2000 et > 1000 <non-balise>"),
        ("<script>alert('x')</script>Texte<style>p{}</style>", "Texte"),
        ("<script>sans fin", "sans fin"),
        ("Ã©mojibake reste", "Ã©mojibake reste"),
        ("🙂 العربية 日本", "🙂 العربية 日本"),
    ])
    func textsAreCleaned(raw: String, expected: String) {
        #expect(PlainText.paragraphs(raw) == expected)
    }

    @Test func oneLineHasNoBreaks() {
        #expect(PlainText.line("a\n<br>b\u{2028}c") == "a b c")
    }

    @Test func cutsFallBetweenCharacters() {
        for limit in 4...12 {
            let cut = PlainText.line("ééééé🙂🙂", bytesMax: limit)
            #expect(cut.utf8.count <= limit && cut.hasSuffix("…"))
            #expect(!cut.contains("\u{FFFD}"))
        }
        #expect(PlainText.line("éé", bytesMax: 4) == "éé")
    }

    @Test func longMarkupTakesNoLongTime() {
        let clock = ContinuousClock()
        for unit in ["<", "<a ", "&", "&#", "<script>", "<p"] {
            let text = String(repeating: unit, count: 100_000)
            let time = clock.measure { _ = PlainText.paragraphs(text) }
            #expect(time < .seconds(20), "\(unit)")
        }
    }
}
