/// Writes a message's Swift struct.
struct MessageEmitter {
    let names: Names
    /// `public `, or nothing.
    let access: String

    /// A stored property: a field, or a oneof of several fields.
    private struct Property {
        var name: String
        var type: String
        var initial: String
        var comment: [String]
    }

    func emit(_ message: MessageSchema, of file: FileSchema, into text: inout SourceText) {
        text.line()
        let properties = properties(of: message)
        declare(message, into: &text) { head, text in
            text.documentation(Self.comment(of: message, in: file))
            text.block("\(access)struct \(head): ProtobufMessage") { text in
                for property in properties {
                    text.documentation(property.comment)
                    text.line(
                        "\(access)var \(property.name): \(property.type) = \(property.initial)"
                    )
                }
                for position in message.realOneofs { emitOneof(position, of: message, into: &text) }
                if !properties.isEmpty { text.line() }
                text.line("/// A message with every field at its default.")
                text.line("\(access)init() {}")
                emitInitialiser(properties, into: &text)
            }
        }
    }

    /// Opens an extension of the outer type around a nested type's declaration.
    private func declare(
        _ message: MessageSchema,
        into text: inout SourceText,
        _ body: (String, inout SourceText) -> Void
    ) {
        let name = names.type(message.fullName)
        guard let dot = name.lastIndex(of: ".") else { return body(name, &text) }
        text.block("extension \(name[..<dot])") { text in
            body(String(name[name.index(after: dot)...]), &text)
        }
    }

    /// The message's comment; for a method's own request and response one that names the method.
    static func comment(of message: MessageSchema, in file: FileSchema) -> [String] {
        guard message.source.comment.isEmpty else { return message.source.comment }
        for service in file.services {
            for method in service.methods {
                let path = "\(service.name).\(method.name)"
                if message.name == "\(method.name)Request" { return ["What `\(path)` asks for."] }
                if message.name == "\(method.name)Response" { return ["What `\(path)` answers."] }
            }
        }
        return ["The message `\(message.fullName)`."]
    }

    private func properties(of message: MessageSchema) -> [Property] {
        var result: [Property] = []
        var seen: Set<Int> = []
        for field in message.fields {
            if let oneof = field.oneof, message.realOneofs.contains(oneof) {
                guard seen.insert(oneof).inserted else { continue }
                let name = message.oneofs[oneof]
                result.append(
                    Property(
                        name: Names.property(name),
                        type: "\(Names.oneofType(name))?",
                        initial: "nil",
                        comment: ["At most one of several; `nil` for none."]
                    )
                )
            } else {
                result.append(
                    Property(
                        name: Names.property(field.name),
                        type: field.propertyType(names),
                        initial: field.initialValue(names),
                        comment: field.source.comment
                    )
                )
            }
        }
        return result
    }

    private func emitOneof(
        _ position: Int,
        of message: MessageSchema,
        into text: inout SourceText
    ) {
        let name = message.oneofs[position]
        text.line()
        text.line("/// The oneof `\(name)`.")
        text.block("\(access)enum \(Names.oneofType(name)): Sendable, Equatable") { text in
            for field in message.fields where field.oneof == position {
                text.documentation(field.source.comment)
                text.line("case \(Names.property(field.name))(\(field.elementType(names)))")
            }
        }
    }

    private func emitInitialiser(_ properties: [Property], into text: inout SourceText) {
        guard !properties.isEmpty else { return }
        text.line()
        text.line("/// A message with the given fields, the others at their defaults.")
        text.line("\(access)init(")
        text.indented { text in
            for (position, property) in properties.enumerated() {
                let comma = position == properties.count - 1 ? "" : ","
                text.line("\(property.name): \(property.type) = \(property.initial)\(comma)")
            }
        }
        text.block(")") { text in
            for property in properties { text.line("self.\(property.name) = \(property.name)") }
        }
    }
}

extension MessageSchema {
    /// The oneofs with several members; one with a single member is an optional field.
    var realOneofs: [Int] {
        oneofs.indices.filter { position in fields.count { $0.oneof == position } > 1 }
    }
}

extension FieldSchema {
    /// Whether it is the only member of its oneof, and so an `Optional`.
    func isLone(in message: MessageSchema) -> Bool {
        oneof.map { !message.realOneofs.contains($0) } ?? false
    }

    /// The Swift type of one value.
    func elementType(_ names: Names) -> String {
        switch type {
        case .scalar(let name): name
        case .bool: "Bool"
        case .string: "String"
        case .bytes: "[UInt8]"
        case .enumeration(let name), .message(let name): names.type(name)
        case .group: "Never"
        }
    }

    /// The Swift type of the property.
    func propertyType(_ names: Names) -> String {
        let element = elementType(names)
        if isRepeated { return "[\(element)]" }
        return isMessage || oneof != nil ? "\(element)?" : element
    }

    /// The property's default.
    func initialValue(_ names: Names) -> String {
        if isRepeated { return "[]" }
        if isMessage || oneof != nil { return "nil" }
        switch type {
        case .scalar: return "0"
        case .bool: return "false"
        case .string: return "\"\""
        case .bytes: return "[]"
        case .enumeration(let name): return "\(names.type(name))()"
        case .message, .group: return "nil"
        }
    }

    var isMessage: Bool {
        if case .message = type { true } else { false }
    }

    /// The runtime's function for the field, of readers and writers alike.
    var accessor: String {
        let one =
            switch type {
            case .scalar: "scalar"
            case .bool: "bool"
            case .string: "string"
            case .bytes: isRepeated ? "byteString" : "bytes"
            case .enumeration: "enumeration"
            case .message: "message"
            case .group: "group"
            }
        return isRepeated ? "\(one)s" : one
    }
}
