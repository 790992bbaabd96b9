import CDescriptor
import CProtobufC
import ClientKit
import RPC

/// A server's schema as its reflection tells it, in the words of a `.proto` file.
struct Schema {
    /// A service, message or enumeration under its full name, with the text that defines it.
    struct Definition {
        enum Kind { case service, message, enumeration }
        let name: String
        let kind: Kind
        /// Method names of a service; empty for others.
        let members: [String]
        let text: String
    }

    let definitions: [Definition]

    /// Reads a serialised `google.protobuf.FileDescriptorSet`.
    init(fileDescriptorSet bytes: [UInt8]) throws {
        let set = bytes.withUnsafeBufferPointer {
            google__protobuf__file_descriptor_set__unpack(nil, $0.count, $0.baseAddress)
        }
        guard let set else { throw Failure.Message("The server's description cannot be read.") }
        defer { google__protobuf__file_descriptor_set__free_unpacked(set, nil) }
        var definitions: [Definition] = []
        for index in 0..<set.pointee.n_file {
            guard let file = set.pointee.file[index] else { continue }
            definitions += SchemaFile(file.pointee).definitions
        }
        self.definitions = definitions
    }

    /// Asks a server for its schema.
    static func of(_ client: RPCClient) async throws -> Schema {
        let answer = try await ReflectionClient(client).describe(DescribeRequest())
        return try Schema(fileDescriptorSet: answer.fileDescriptorSet)
    }

    /// The definitions that `name` means: the full name, its end, or `Service/Method`.
    func find(_ name: String) -> [Definition] {
        let wanted = name.split(separator: "/").first.map(String.init) ?? name
        return definitions.filter { $0.name == wanted || $0.name.hasSuffix(".\(wanted)") }
    }
}

/// One file of a schema, printed back.
struct SchemaFile {
    private let file: Google__Protobuf__FileDescriptorProto
    private let package: String
    private let comments: [[Int32]: String]

    init(_ file: Google__Protobuf__FileDescriptorProto) {
        self.file = file
        package = file.package.map { String(cString: $0) } ?? ""
        var comments: [[Int32]: String] = [:]
        if let info = file.source_code_info {
            for index in 0..<info.pointee.n_location {
                guard let location = info.pointee.location[index]?.pointee,
                    let leading = location.leading_comments
                else { continue }
                let path = (0..<location.n_path).map { location.path[$0] }
                comments[path] = String(cString: leading)
            }
        }
        self.comments = comments
    }

    // Field numbers of FileDescriptorProto and its parts, of which comment paths are made.
    // Source: google/protobuf/descriptor.proto.
    private static let messages: Int32 = 4
    private static let enumerations: Int32 = 5
    private static let services: Int32 = 6
    private static let members: Int32 = 2

    var definitions: [Schema.Definition] {
        var all: [Schema.Definition] = []
        for index in 0..<file.n_service {
            guard let service = file.service[index]?.pointee else { continue }
            all.append(define(service, [Self.services, Int32(index)]))
        }
        for index in 0..<file.n_message_type {
            guard let message = file.message_type[index]?.pointee else { continue }
            all.append(define(message, [Self.messages, Int32(index)]))
        }
        for index in 0..<file.n_enum_type {
            guard let enumeration = file.enum_type[index]?.pointee else { continue }
            all.append(define(enumeration, [Self.enumerations, Int32(index)]))
        }
        return all
    }

    private func define(
        _ service: Google__Protobuf__ServiceDescriptorProto,
        _ path: [Int32]
    ) -> Schema.Definition {
        let name = text(service.name)
        var lines = comment(path, "") + ["service \(name) {"]
        var members: [String] = []
        for index in 0..<service.n_method {
            guard let method = service.method[index]?.pointee else { continue }
            members.append(text(method.name))
            lines += comment(path + [Self.members, Int32(index)], "  ")
            let input = (method.client_streaming != 0 ? "stream " : "") + short(method.input_type)
            let output = (method.server_streaming != 0 ? "stream " : "") + short(method.output_type)
            lines.append("  rpc \(text(method.name))(\(input)) returns (\(output));")
        }
        return definition(name, .service, members, lines)
    }

    private func define(
        _ message: Google__Protobuf__DescriptorProto,
        _ path: [Int32]
    ) -> Schema.Definition {
        let name = text(message.name)
        var lines = comment(path, "") + ["message \(name) {"]
        for index in 0..<message.n_field {
            guard let field = message.field[index]?.pointee else { continue }
            lines += comment(path + [Self.members, Int32(index)], "  ")
            let isRepeated =
                field.label == GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__LABEL__LABEL_REPEATED
            var prefix = isRepeated ? "repeated " : ""
            if field.has_oneof_index != 0,
                let oneof = message.oneof_decl[Int(field.oneof_index)]?.pointee
            {
                prefix = "oneof \(text(oneof.name)): "
            }
            lines.append("  \(prefix)\(type(of: field)) \(text(field.name)) = \(field.number);")
        }
        return definition(name, .message, [], lines)
    }

    private func define(
        _ enumeration: Google__Protobuf__EnumDescriptorProto,
        _ path: [Int32]
    ) -> Schema.Definition {
        let name = text(enumeration.name)
        var lines = comment(path, "") + ["enum \(name) {"]
        for index in 0..<enumeration.n_value {
            guard let value = enumeration.value[index]?.pointee else { continue }
            lines += comment(path + [Self.members, Int32(index)], "  ")
            lines.append("  \(text(value.name)) = \(value.number);")
        }
        return definition(name, .enumeration, [], lines)
    }

    private func definition(
        _ name: String,
        _ kind: Schema.Definition.Kind,
        _ members: [String],
        _ lines: [String]
    ) -> Schema.Definition {
        Schema.Definition(
            name: package.isEmpty ? name : "\(package).\(name)",
            kind: kind,
            members: members,
            text: (lines + ["}"]).joined(separator: "\n")
        )
    }

    private func comment(_ path: [Int32], _ indent: String) -> [String] {
        guard let comment = comments[path] else { return [] }
        let lines = comment.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropLast(lines.last == "" ? 1 : 0).map { "\(indent)//\($0)" }
    }

    /// Type names by FieldDescriptorProto.Type's numbers; messages and enumerations are named.
    private static let scalars: [Int32: String] = [
        1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32",
        8: "bool", 9: "string", 12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64",
        17: "sint32", 18: "sint64",
    ]

    private func type(of field: Google__Protobuf__FieldDescriptorProto) -> String {
        Self.scalars[Int32(bitPattern: field.type.rawValue)] ?? short(field.type_name)
    }

    /// A type's name without the leading dot and without this file's package.
    private func short(_ name: UnsafeMutablePointer<CChar>?) -> String {
        let full = text(name).drop { $0 == "." }
        let prefix = "\(package)."
        return String(full.hasPrefix(prefix) ? full.dropFirst(prefix.count) : full)
    }

    private func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String {
        pointer.map { String(cString: $0) } ?? ""
    }
}
