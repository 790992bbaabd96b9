/// Turns HTML, escaped HTML and entities into text.
///
/// This is no defence against scripts: clients show the result as text. It is for people, who
/// shall read words and not markup.
enum HTMLText {
    /// Rounds of removing tags and resolving entities: sources escape what was escaped before.
    private static let rounds = 3
    /// Bytes within which a tag must end; beyond, a `<` is a character.
    private static let tagBytesMax = 2_000

    /// Whether a text may hold markup at all.
    static func isPossible(in text: String) -> Bool {
        text.utf8.contains { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "<") }
    }

    /// The text without its markup.
    static func plain(_ text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0..<rounds {
            let next = resolvingEntities(removingTags(bytes))
            guard next != bytes else { break }
            bytes = next
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let blocks: Set<String> = [
        "br", "p", "div", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
        "section", "article", "header", "footer", "blockquote", "pre",
    ]
    private static let inlines: Set<String> = [
        "b", "i", "u", "s", "em", "strong", "span", "a", "font", "img", "td", "th", "tbody",
        "thead", "small", "big", "sup", "sub", "center", "code", "o", "html", "body", "head",
        "meta", "link", "title", "iframe", "object", "embed", "svg", "form", "input", "button",
        "mark", "del", "ins", "label", "dl", "dt", "dd",
    ]
    private static let silent: Set<String> = ["script", "style"]

    private static func removingTags(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "<")) else { return bytes }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = 0
        // Looked for once: a text of opening tags alone must not be walked for each of them.
        var mayHoldClosingTags = true
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<"), let tag = tag(bytes, at: index) else {
                text.append(bytes[index])
                index += 1
                continue
            }
            index = tag.end
            if mayHoldClosingTags, silent.contains(tag.name), !tag.isClosing {
                let end = endOfElement(tag.name, bytes, from: index)
                mayHoldClosingTags = end != nil
                index = end ?? index
            }
            if tag.name == "li" {
                if !tag.isClosing { text.append(contentsOf: "\n- ".utf8) }
            } else if blocks.contains(tag.name) {
                text.append(0x0A)
            }
        }
        return text
    }

    /// The tag that begins at `start`; `nil` if what stands there is no tag of HTML.
    private static func tag(
        _ bytes: [UInt8],
        at start: Int
    ) -> (name: String, isClosing: Bool, end: Int)? {
        var index = start + 1
        let isClosing = index < bytes.count && bytes[index] == UInt8(ascii: "/")
        if isClosing { index += 1 }
        let nameStart = index
        while index < bytes.count, index - nameStart <= 10, isLetterOrDigit(bytes[index]) {
            index += 1
        }
        let name = String(decoding: bytes[nameStart..<index], as: UTF8.self).lowercased()
        guard
            name == "li" || blocks.contains(name) || inlines.contains(name)
                || silent.contains(name)
        else { return nil }
        let limit = min(bytes.count, index + tagBytesMax)
        while index < limit {
            if bytes[index] == UInt8(ascii: ">") { return (name, isClosing, index + 1) }
            if bytes[index] == UInt8(ascii: "<") { return nil }
            index += 1
        }
        return nil
    }

    private static func endOfElement(_ name: String, _ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "<"), let tag = tag(bytes, at: index),
                tag.isClosing, tag.name == name
            {
                return tag.end
            }
            index += 1
        }
        return nil
    }

    private static func resolvingEntities(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(UInt8(ascii: "&")) else { return bytes }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "&"),
                let end = bytes[index...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let scalar = HTMLEntities.scalar(bytes[index + 1..<end])
            {
                text.append(contentsOf: String(scalar).utf8)
                index = end + 1
            } else {
                text.append(bytes[index])
                index += 1
            }
        }
        return text
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
