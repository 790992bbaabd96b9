/// Text under construction, line by line, with indentation.
struct SourceText {
    private(set) var text = ""
    private var depth = 0

    /// Appends a line, or an empty one.
    mutating func line(_ line: String = "") {
        if !line.isEmpty { text += String(repeating: "    ", count: depth) + line }
        text += "\n"
    }

    /// Appends `head {`, an indented body and the closing brace.
    mutating func block(_ head: String, _ body: (inout SourceText) -> Void) {
        line("\(head) {")
        depth += 1
        body(&self)
        depth -= 1
        line("}")
    }

    /// Appends indented lines.
    mutating func indented(_ body: (inout SourceText) -> Void) {
        depth += 1
        body(&self)
        depth -= 1
    }

    /// Appends a documentation comment; nothing for no lines.
    mutating func documentation(_ lines: [String]) {
        for comment in lines { line(comment.isEmpty ? "///" : "/// \(comment)") }
    }
}
