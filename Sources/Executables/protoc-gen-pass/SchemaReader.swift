import CDescriptor
import CProtobufC

typealias CFile = Google__Protobuf__FileDescriptorProto
typealias CMessage = Google__Protobuf__DescriptorProto
typealias CField = Google__Protobuf__FieldDescriptorProto
typealias CEnum = Google__Protobuf__EnumDescriptorProto
typealias CService = Google__Protobuf__ServiceDescriptorProto
typealias CMethod = Google__Protobuf__MethodDescriptorProto

/// Turns one of protobuf-c's file descriptors into a `FileSchema`.
struct SchemaReader {
    private let file: CFile
    private let path: String
    private let comments: CommentTable

    /// Field numbers in google/protobuf/descriptor.proto: they form the paths of source locations.
    private enum Number {
        static let fileMessage: Int32 = 4
        static let fileEnum: Int32 = 5
        static let fileService: Int32 = 6
        static let messageField: Int32 = 2
        static let messageNested: Int32 = 3
        static let messageEnum: Int32 = 4
        static let enumValue: Int32 = 2
        static let serviceMethod: Int32 = 2
    }

    init(_ pointer: UnsafeMutablePointer<CFile>) {
        file = pointer.pointee
        path = text(file.name)
        comments = CommentTable(file.source_code_info)
    }

    /// The whole file, with the given bytes for embedding.
    func schema(bytes: [UInt8]) -> FileSchema {
        let package = text(file.package)
        return FileSchema(
            path: path,
            package: package,
            swiftPrefix: file.options.map { text($0.pointee.swift_prefix) } ?? "",
            syntax: text(file.syntax),
            imports: texts(file.n_dependency, file.dependency),
            messages: values(file.n_message_type, file.message_type).enumerated().map {
                message($1, in: package, at: [Number.fileMessage, Int32($0)])
            },
            enums: values(file.n_enum_type, file.enum_type).enumerated().map {
                enumeration($1, in: package, at: [Number.fileEnum, Int32($0)])
            },
            services: values(file.n_service, file.service).enumerated().map {
                service($1, in: package, at: [Number.fileService, Int32($0)])
            },
            bytes: bytes
        )
    }

    private func source(_ place: [Int32]) -> Source {
        Source(file: path, line: comments.line(place), comment: comments.comment(place))
    }

    private func message(_ message: CMessage, in scope: String, at place: [Int32]) -> MessageSchema
    {
        let name = text(message.name)
        let fullName = scope.isEmpty ? name : "\(scope).\(name)"
        let fields = values(message.n_field, message.field)
        let numbers = fields.map { Int($0.number) }.sorted()
        return MessageSchema(
            fullName: fullName,
            name: name,
            source: source(place),
            fields: fields.enumerated().map { position, field in
                self.field(
                    field,
                    index: numbers.firstIndex(of: Int(field.number)) ?? 0,
                    at: place + [Number.messageField, Int32(position)]
                )
            },
            oneofs: values(message.n_oneof_decl, message.oneof_decl).map { text($0.name) },
            messages: values(message.n_nested_type, message.nested_type).enumerated().map {
                self.message($1, in: fullName, at: place + [Number.messageNested, Int32($0)])
            },
            enums: values(message.n_enum_type, message.enum_type).enumerated().map {
                enumeration($1, in: fullName, at: place + [Number.messageEnum, Int32($0)])
            },
            isMapEntry: message.options.map { $0.pointee.map_entry != 0 } ?? false
        )
    }

    private func field(_ field: CField, index: Int, at place: [Int32]) -> FieldSchema {
        FieldSchema(
            name: text(field.name),
            jsonName: text(field.json_name),
            number: Int(field.number),
            index: index,
            type: type(of: field),
            isRepeated: field.label
                == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED,
            isRequired: field.label
                == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REQUIRED,
            isOptional: field.proto3_optional != 0,
            oneof: field.has_oneof_index != 0 ? Int(field.oneof_index) : nil,
            source: source(place)
        )
    }

    private func type(of field: CField) -> FieldType {
        // Numbers of FieldDescriptorProto.Type.
        switch field.type.rawValue {
        case 1: .scalar("Double")
        case 2: .scalar("Float")
        case 3, 16, 18: .scalar("Int64")
        case 4, 6: .scalar("UInt64")
        case 5, 15, 17: .scalar("Int32")
        case 7, 13: .scalar("UInt32")
        case 8: .bool
        case 9: .string
        case 11: .message(typeName(field.type_name))
        case 12: .bytes
        case 14: .enumeration(typeName(field.type_name))
        default: .group
        }
    }

    private func enumeration(_ schema: CEnum, in scope: String, at place: [Int32]) -> EnumSchema {
        let name = text(schema.name)
        return EnumSchema(
            fullName: scope.isEmpty ? name : "\(scope).\(name)",
            name: name,
            source: source(place),
            values: values(schema.n_value, schema.value).enumerated().map { position, value in
                EnumSchema.Value(
                    name: text(value.name),
                    number: value.number,
                    source: source(place + [Number.enumValue, Int32(position)])
                )
            }
        )
    }

    private func service(_ schema: CService, in scope: String, at place: [Int32]) -> ServiceSchema {
        let name = text(schema.name)
        return ServiceSchema(
            fullName: scope.isEmpty ? name : "\(scope).\(name)",
            name: name,
            source: source(place),
            methods: values(schema.n_method, schema.method).enumerated().map {
                method($1, at: place + [Number.serviceMethod, Int32($0)])
            }
        )
    }

    private func method(_ method: CMethod, at place: [Int32]) -> MethodSchema {
        let options = method.options.map(\.pointee)
        return MethodSchema(
            name: text(method.name),
            request: typeName(method.input_type),
            response: typeName(method.output_type),
            clientStreams: method.client_streaming != 0,
            serverStreams: method.server_streaming != 0,
            isIdempotent: options.map { $0.idempotency_level.rawValue != 0 } ?? false,
            rules: options.flatMap(MethodSchema.Rules.init),
            source: source(place)
        )
    }
}

extension MethodSchema.Rules {
    /// The number of the extension `pass.rpc.v1.rules`.
    private static let number: UInt32 = 50001

    /// Finds the rules among the options that descriptor.proto itself does not know.
    init?(_ options: Google__Protobuf__MethodOptions) {
        let unknown = UnsafeBufferPointer(
            start: options.base.unknown_fields,
            count: Int(options.base.n_unknown_fields)
        )
        guard let field = unknown.last(where: { $0.tag == Self.number }) else { return nil }
        // protobuf-c keeps a length-delimited unknown field together with its length.
        let bytes = UnsafeBufferPointer(start: field.data, count: field.len)
        guard let prefixEnd = bytes.firstIndex(where: { $0 < 0x80 }) else { return nil }
        let content = UnsafeBufferPointer(rebasing: bytes[(prefixEnd + 1)...])
        guard let rules = pass__rpc__v1__rules__unpack(nil, content.count, content.baseAddress)
        else { return nil }
        defer { pass__rpc__v1__rules__free_unpacked(rules, nil) }
        roles = texts(rules.pointee.n_roles, rules.pointee.roles)
        peers = texts(rules.pointee.n_peers, rules.pointee.peers)
        timeoutMs = Int(rules.pointee.timeout_ms)
    }
}

/// A C string as Swift text; "" for NULL, which is how protobuf-c leaves absent proto2 strings.
func text(_ pointer: UnsafePointer<CChar>?) -> String {
    pointer.map { String(cString: $0) } ?? ""
}

/// C strings as Swift texts.
func texts(_ count: Int, _ start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
    UnsafeBufferPointer(start: start, count: count).map { text($0) }
}

/// The structs of a repeated message field.
func values<Struct>(
    _ count: Int,
    _ start: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>?
) -> [Struct] {
    UnsafeBufferPointer(start: start, count: count).compactMap { $0?.pointee }
}

/// A type's full name without the leading dot of descriptors.
private func typeName(_ pointer: UnsafePointer<CChar>?) -> String {
    let name = text(pointer)
    return name.hasPrefix(".") ? String(name.dropFirst()) : name
}
