/// A `.proto` file, reduced to what the generator needs.
struct FileSchema {
    /// As imported: `passemploi/agenda/v1/agenda.proto`.
    var path: String
    var package: String
    /// `option swift_prefix`: stands before the Swift names of the file's types.
    var swiftPrefix: String
    var syntax: String
    var imports: [String]
    var messages: [MessageSchema]
    var enums: [EnumSchema]
    var services: [ServiceSchema]
    /// The serialised `FileDescriptorProto`, of its source information only the comments.
    var bytes: [UInt8]

    /// `agenda` for `passemploi/agenda/v1/agenda.proto`.
    var stem: String {
        let file = path.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }

    /// The file's messages, nested ones behind the one that holds them.
    var allMessages: [MessageSchema] { messages.flatMap(\.withNested) }

    /// The file's enumerations, nested ones included.
    var allEnums: [EnumSchema] { enums + allMessages.flatMap(\.enums) }
}

/// Where something is written, and what is written about it.
struct Source {
    var file: String
    /// Counted from 1.
    var line: Int
    /// Lines of the comment above, or behind, without the comment signs.
    var comment: [String]
}

struct MessageSchema {
    /// Without a leading dot: `passemploi.agenda.v1.Appointment`.
    var fullName: String
    var name: String
    var source: Source
    var fields: [FieldSchema]
    /// Names of the oneofs.
    var oneofs: [String]
    var messages: [MessageSchema]
    var enums: [EnumSchema]
    /// Whether protoc made it up for a map field.
    var isMapEntry: Bool

    var withNested: [MessageSchema] { [self] + messages.flatMap(\.withNested) }
}

struct FieldSchema {
    var name: String
    var jsonName: String
    var number: Int
    /// Position among the message's fields ordered by number: protobuf-c's index.
    var index: Int
    var type: FieldType
    var isRepeated: Bool
    var isRequired: Bool
    /// proto3's `optional`.
    var isOptional: Bool
    /// Index in `MessageSchema.oneofs`.
    var oneof: Int?
    var source: Source
}

enum FieldType: Equatable {
    /// A number, by its Swift type.
    case scalar(String)
    case bool
    case string
    case bytes
    /// By full name.
    case enumeration(String)
    /// By full name.
    case message(String)
    case group
}

struct EnumSchema {
    var fullName: String
    var name: String
    var source: Source
    var values: [Value]

    struct Value {
        var name: String
        var number: Int32
        var source: Source
    }
}

struct ServiceSchema {
    var fullName: String
    var name: String
    var source: Source
    var methods: [MethodSchema]
}

struct MethodSchema {
    var name: String
    /// Full name of the client's messages.
    var request: String
    /// Full name of the server's messages.
    var response: String
    var clientStreams: Bool
    var serverStreams: Bool
    var isIdempotent: Bool
    /// The option `(pass.rpc.v1.rules)`; `nil` if there is none.
    var rules: Rules?
    var source: Source

    struct Rules {
        var roles: [String]
        var peers: [String]
        var timeoutMs: Int
    }
}
