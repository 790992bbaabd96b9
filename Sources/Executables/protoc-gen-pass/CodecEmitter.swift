/// Writes how a message copies from and to its C struct.
struct CodecEmitter {
    let names: Names
    let access: String

    func emit(_ message: MessageSchema, into text: inout SourceText) {
        text.line()
        text.block("extension \(names.type(message.fullName))") { text in
            text.line("\(access)static var fullName: String { \"\(message.fullName)\" }")
            text.line()
            text.block("\(access)static var descriptor: MessageDescriptor") { text in
                text.line("// Safety: the accessor yields the address of a constant.")
                text.line("unsafe MessageDescriptor(\(Names.accessor(message.fullName))())")
            }
            text.line()
            text.block("\(access)init(reading reader: MessageReader) throws(DecodingFault)") {
                text in
                emitReading(message, into: &text)
            }
            text.line()
            text.block("\(access)func write(to writer: MessageWriter) throws(EncodingFault)") {
                text in
                emitWriting(message, into: &text)
            }
        }
    }

    private func emitReading(_ message: MessageSchema, into text: inout SourceText) {
        for field in message.fields {
            let name = Names.property(field.name)
            let value =
                "\(field.readingThrows ? "try " : "")reader.\(field.accessor)(\(field.index))"
            guard let oneof = field.oneof else {
                text.line("self.\(name) = \(value)")
                continue
            }
            let isLone = field.isLone(in: message)
            let target = isLone ? name : Names.property(message.oneofs[oneof])
            text.block("if reader.holds(\(field.index))") { text in
                if isLone {
                    text.line("self.\(target) = \(value)")
                } else if field.isMessage {
                    text.line("let value: \(field.elementType(names))? = \(value)")
                    text.line("self.\(target) = value.map { .\(name)($0) }")
                } else {
                    text.line("self.\(target) = .\(name)(\(value))")
                }
            }
        }
    }

    private func emitWriting(_ message: MessageSchema, into text: inout SourceText) {
        var written: Set<Int> = []
        for field in message.fields {
            let name = Names.property(field.name)
            guard let oneof = field.oneof else {
                text.line(write(field, "self.\(name)"))
                continue
            }
            if field.isLone(in: message) {
                text.block("if let value = self.\(name)") { text in
                    text.line("writer.hold(\(field.index))")
                    text.line(write(field, "value"))
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
                text.line("writer.hold(\(field.index))")
                text.line(write(field, "value"))
            }
        }
        text.line("case nil: break")
        text.line("}")
    }

    private func write(_ field: FieldSchema, _ value: String) -> String {
        let call = "writer.\(field.accessor)(\(field.index), \(value))"
        return field.writingThrows ? "try \(call)" : call
    }
}

extension FieldSchema {
    /// Whether reading it may find a fault.
    fileprivate var readingThrows: Bool { type == .string || isMessage }

    /// Whether writing it takes memory or may find a fault.
    fileprivate var writingThrows: Bool {
        isRepeated || type == .string || type == .bytes || isMessage
    }
}
