/// What this project's schema may not contain, beyond what protoc refuses.
struct Lint {
    let files: [FileSchema]
    let names: Names

    /// Roles that the application knows.
    private static let roles: Set<String> = [
        "YOUNG_PERSON", "COUNSELLOR", "SUPERVISOR", "OPERATOR", "PUBLIC",
    ]

    /// Swift names that generated code itself uses and a type of the schema would hide.
    private static let reserved: Set<String> = [
        "Bool", "CallContext", "CallOptions", "Decoder", "DecodingFault", "Dictionary", "Double",
        "Duration", "Encoder", "EncodingFault", "Equatable", "Float", "Int", "Int32", "Int64",
        "JSONReader", "JSONWriter", "MessageDescriptor", "MessageReader", "MessageWriter",
        "Method", "Never", "ProtobufEnum", "ProtobufMessage", "RPCClient", "RPCMethod",
        "RPCService", "RequestStream", "RequestWriter", "ResponseStream", "ResponseWriter",
        "Result", "Sendable", "ServiceDescriptor", "String", "UInt32", "UInt64", "UInt8",
    ]

    /// - Throws: every offence, one a line, as `file:line: what`.
    func check() throws(PluginError) {
        var offences: [String] = []
        for file in files {
            if file.syntax != "proto3" { offences.append("\(file.path):1: want proto3") }
            for message in file.allMessages { offences += check(message, of: file) }
            for service in file.services { offences += check(service) }
        }
        offences += duplicates()
        offences += recursions()
        if !offences.isEmpty { throw PluginError(offences.joined(separator: "\n")) }
    }

    private func offence(_ source: Source, _ what: String) -> String {
        "\(source.file):\(source.line): \(what)"
    }

    private func check(_ message: MessageSchema, of file: FileSchema) -> [String] {
        if message.isMapEntry {
            return [offence(message.source, "\(message.fullName): map fields are not supported")]
        }
        var offences = message.fields.flatMap { check($0, of: message) }
        let generated = "The message `\(message.fullName)`."
        if !message.fields.isEmpty, MessageEmitter.comment(of: message, in: file) == [generated] {
            offences.append(offence(message.source, "message \(message.name) needs a comment"))
        }
        for position in message.realOneofs {
            let type = Names.oneofType(message.oneofs[position])
            if files.contains(where: { $0.defines(type) }) {
                offences.append(
                    offence(message.source, "oneof \(message.oneofs[position]) hides type \(type)")
                )
            }
        }
        return offences
    }

    private func check(_ field: FieldSchema, of message: MessageSchema) -> [String] {
        let name = "\(message.name).\(field.name)"
        var offences: [String] = []
        if field.isOptional {
            offences.append("\(name): protoc-c refuses `optional`; use a oneof of one member")
        }
        if field.isRequired { offences.append("\(name): `required` is not supported") }
        if field.jsonName != Names.json(field.name) {
            offences.append("\(name): a JSON name of its own is not supported")
        }
        switch field.type {
        case .group:
            offences.append("\(name): groups are not supported")
        case .message(let type), .enumeration(let type):
            if names.known(type) == nil {
                offences.append("\(name): \(type) is not generated for this module")
            }
        case .scalar, .bool, .string, .bytes:
            break
        }
        return offences.map { offence(field.source, $0) }
    }

    private func check(_ service: ServiceSchema) -> [String] {
        var offences: [String] = []
        if service.source.comment.isEmpty {
            offences.append(offence(service.source, "service \(service.name) needs a comment"))
        }
        for method in service.methods {
            offences += check(method, "\(service.name).\(method.name)").map {
                offence(method.source, $0)
            }
        }
        return offences
    }

    private func check(_ method: MethodSchema, _ name: String) -> [String] {
        var offences: [String] = []
        if method.source.comment.isEmpty { offences.append("method \(name) needs a comment") }
        for type in [method.request, method.response] where names.known(type) == nil {
            offences.append("method \(name): \(type) is not generated for this module")
        }
        guard let rules = method.rules else {
            return offences + ["method \(name) needs the option (pass.rpc.v1.rules)"]
        }
        if rules.timeoutMs == 0, method.kind != "serverStream" {
            offences.append("method \(name) needs timeout_ms; only server streams may do without")
        }
        if rules.roles.isEmpty, rules.peers.isEmpty {
            offences.append("method \(name): nobody may call it; name roles or peers")
        }
        for role in rules.roles where !Self.roles.contains(role) {
            let known = Self.roles.sorted().joined(separator: ", ")
            offences.append("method \(name): role \(role) is none of \(known)")
        }
        return offences
    }

    /// Types that would have the same Swift name.
    private func duplicates() -> [String] {
        var firsts: [String: String] = [:]
        var offences: [String] = []
        func add(_ name: String, _ fullName: String, _ source: Source) {
            if Self.reserved.contains(name) {
                offences.append(offence(source, "\(fullName): Swift's name \(name) is taken"))
            } else if let first = firsts[name] {
                offences.append(
                    offence(source, "\(fullName): Swift's name \(name) is that of \(first)")
                )
            } else {
                firsts[name] = fullName
            }
        }
        for file in files {
            for schema in file.allEnums {
                add(names.type(schema.fullName), schema.fullName, schema.source)
            }
            for schema in file.allMessages {
                add(names.type(schema.fullName), schema.fullName, schema.source)
            }
            for service in file.services {
                for suffix in ["Client", "Server", "Methods"] {
                    add(service.name + suffix, service.fullName, service.source)
                }
            }
        }
        return offences
    }

    /// Messages that contain themselves: protobuf-c decodes them with a stack frame per level.
    private func recursions() -> [String] {
        var messages: [String: MessageSchema] = [:]
        for message in files.flatMap(\.allMessages) { messages[message.fullName] = message }
        return messages.values.sorted { $0.fullName < $1.fullName }.compactMap { message in
            var reached: Set<String> = []
            var pending = message.parts
            while let next = pending.popLast() {
                guard reached.insert(next).inserted else { continue }
                pending += messages[next]?.parts ?? []
            }
            guard reached.contains(message.fullName) else { return nil }
            return offence(message.source, "message \(message.fullName) contains itself")
        }
    }
}

extension MessageSchema {
    /// Full names of the messages in its fields.
    fileprivate var parts: [String] {
        fields.compactMap { field in
            if case .message(let name) = field.type { name } else { nil }
        }
    }
}

extension FileSchema {
    /// Whether a top-level type of the file has this Swift name.
    fileprivate func defines(_ name: String) -> Bool {
        messages.contains { swiftPrefix + $0.name == name }
            || enums.contains { swiftPrefix + $0.name == name }
    }
}
