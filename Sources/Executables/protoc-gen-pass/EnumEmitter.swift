/// Writes an enumeration.
struct EnumEmitter {
    let names: Names
    let access: String

    func emit(_ schema: EnumSchema, into text: inout SourceText) {
        text.line()
        let name = names.type(schema.fullName)
        if let dot = name.lastIndex(of: ".") {
            text.block("extension \(name[..<dot])") { text in
                declare(schema, String(name[name.index(after: dot)...]), into: &text)
            }
        } else {
            declare(schema, name, into: &text)
        }
    }

    private func declare(_ schema: EnumSchema, _ name: String, into text: inout SourceText) {
        let cases = schema.values.map { (Names.enumCase($0.name, of: schema), $0) }
        let comment = schema.source.comment
        text.documentation(comment.isEmpty ? ["The enumeration `\(schema.fullName)`."] : comment)
        text.block("\(access)enum \(name): ProtobufEnum") { text in
            for (name, value) in cases {
                text.documentation(value.source.comment)
                text.line("case \(name)")
            }
            text.line("/// A number that this version of the schema does not know.")
            text.line("case unrecognized(Int32)")
            text.line()
            text.line("/// The known values, in the schema's order.")
            text.line("\(access)static let allCases: [\(name)] = [")
            text.indented { text in
                for (name, _) in cases { text.line(".\(name),") }
            }
            text.line("]")
            text.line()
            emitSwitch(
                "\(access)init(rawValue: Int32)",
                on: "rawValue",
                cases.map { ("\($1.number)", "self = .\($0)") },
                "default: self = .unrecognized(rawValue)",
                into: &text
            )
            text.line()
            emitSwitch(
                "\(access)var rawValue: Int32",
                on: "self",
                cases.map { (".\($0)", "\($1.number)") },
                "case .unrecognized(let number): number",
                into: &text
            )
            text.line()
            emitSwitch(
                "\(access)var name: String",
                on: "self",
                cases.map { (".\($0)", "\"\($1.name)\"") },
                "case .unrecognized(let number): String(number)",
                into: &text
            )
        }
    }

    private func emitSwitch(
        _ head: String,
        on subject: String,
        _ cases: [(String, String)],
        _ last: String,
        into text: inout SourceText
    ) {
        text.block(head) { text in
            text.line("switch \(subject) {")
            for (pattern, result) in cases { text.line("case \(pattern): \(result)") }
            text.line(last)
            text.line("}")
        }
    }
}
