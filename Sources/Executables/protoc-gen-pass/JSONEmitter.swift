/// Writes a message's `Codable`, which is protobuf's JSON mapping.
struct JSONEmitter {
    let names: Names
    let access: String

    func emit(_ message: MessageSchema, into text: inout SourceText) {
        text.line()
        text.block("extension \(names.type(message.fullName))") { text in
            text.block("\(access)init(from decoder: any Decoder) throws") { text in
                emitReading(message, into: &text)
            }
            text.line()
            text.block("\(access)func encode(to encoder: any Encoder) throws") { text in
                emitWriting(message, into: &text)
            }
        }
    }

    private func emitReading(_ message: MessageSchema, into text: inout SourceText) {
        text.line("self.init()")
        text.line("let json = try JSONReader(decoder)")
        guard !message.fields.isEmpty else {
            text.line("if let key = json.keys.first { throw json.unknown(key) }")
            return
        }
        text.block("for key in json.keys") { text in
            text.line("switch key.stringValue {")
            for field in message.fields {
                let spellings = Set([field.jsonName, field.name]).sorted()
                text.line("case \(spellings.map { "\"\($0)\"" }.joined(separator: ", ")):")
                text.indented { text in emitReading(field, of: message, into: &text) }
            }
            text.line("default:")
            text.indented { text in text.line("throw json.unknown(key)") }
            text.line("}")
        }
    }

    private func emitReading(
        _ field: FieldSchema,
        of message: MessageSchema,
        into text: inout SourceText
    ) {
        let element = field.elementType(names)
        let type = field.isRepeated ? "[\(element)]" : element
        let name = Names.property(field.name)
        text.block("if let value: \(type) = try json.\(field.accessor)(key)") { text in
            if let oneof = field.oneof, !field.isLone(in: message) {
                let target = Names.property(message.oneofs[oneof])
                text.line(
                    "try json.requireNone(self.\(target), key, of: \"\(message.oneofs[oneof])\")"
                )
                text.line("self.\(target) = .\(name)(value)")
            } else {
                text.line("self.\(name) = value")
            }
        }
    }

    private func emitWriting(_ message: MessageSchema, into text: inout SourceText) {
        guard !message.fields.isEmpty else {
            text.line("_ = JSONWriter(encoder)")
            return
        }
        text.line("var json = JSONWriter(encoder)")
        var written: Set<Int> = []
        for field in message.fields {
            let name = Names.property(field.name)
            let call = "try json.\(field.accessor)(\"\(field.jsonName)\""
            guard let oneof = field.oneof else {
                text.line("\(call), self.\(name))")
                continue
            }
            if field.isLone(in: message) {
                text.block("if let value = self.\(name)") { text in
                    text.line("\(call), value\(always(field)))")
                }
            } else if written.insert(oneof).inserted {
                emitWriting(oneof: oneof, of: message, into: &text)
            }
        }
    }

    private func emitWriting(
        oneof: Int,
        of message: MessageSchema,
        into text: inout SourceText
    ) {
        text.line("switch self.\(Names.property(message.oneofs[oneof])) {")
        for field in message.fields where field.oneof == oneof {
            text.line("case .\(Names.property(field.name))(let value)?:")
            text.indented { text in
                let call = "try json.\(field.accessor)(\"\(field.jsonName)\", value"
                text.line("\(call)\(always(field)))")
            }
        }
        text.line("case nil: break")
        text.line("}")
    }

    /// A member of a oneof is written even at its default, as its presence says something.
    private func always(_ field: FieldSchema) -> String {
        field.isMessage ? "" : ", always: true"
    }
}
