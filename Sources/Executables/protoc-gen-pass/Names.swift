/// How the schema's names are spelled in Swift and C.
struct Names {
    /// Swift names of messages and enumerations by full name, of all files to generate.
    private var types: [String: String] = [:]

    init(_ files: [FileSchema]) {
        for file in files {
            for schema in file.enums { types[schema.fullName] = file.swiftPrefix + schema.name }
            for schema in file.messages { add(schema, as: file.swiftPrefix + schema.name) }
        }
    }

    private mutating func add(_ message: MessageSchema, as name: String) {
        types[message.fullName] = name
        for nested in message.enums { types[nested.fullName] = "\(name).\(nested.name)" }
        for nested in message.messages { add(nested, as: "\(name).\(nested.name)") }
    }

    /// The Swift name of a type; `nil` if no file to generate defines it.
    func known(_ fullName: String) -> String? { types[fullName] }

    /// The Swift name of a type that the lint has found to be known.
    func type(_ fullName: String) -> String { types[fullName] ?? fullName }

    /// `young_person_id` → `youngPersonID`, escaped if it is a keyword.
    static func property(_ name: String) -> String { escaped(camel(name)) }

    /// `AT_STRUCTURE` → `atStructure`; the enumeration's `…_UNSPECIFIED` → `unspecified`.
    static func enumCase(_ value: String, of schema: EnumSchema) -> String {
        let unspecified = "\(snake(schema.name).uppercased())_UNSPECIFIED"
        return escaped(value == unspecified ? "unspecified" : plainCamel(value.lowercased()))
    }

    /// `degree` → `Degree`.
    static func oneofType(_ name: String) -> String {
        let camel = camel(name)
        return camel.prefix(1).uppercased() + camel.dropFirst()
    }

    /// `BookAppointment` → `bookAppointment`.
    static func function(_ name: String) -> String {
        escaped(name.prefix(1).lowercased() + name.dropFirst())
    }

    /// protobuf's own JSON name.
    static func json(_ name: String) -> String { plainCamel(name) }

    /// The C accessor of a message's descriptor: `passemploi_agenda_v1_Appointment`.
    static func accessor(_ fullName: String) -> String {
        fullName.split(separator: ".").joined(separator: "_")
    }

    /// protoc-c's variable: `passemploi__agenda__v1__appointment__descriptor`.
    static func cDescriptor(_ fullName: String) -> String {
        fullName.split(separator: ".").map { snake(String($0)) }.joined(separator: "__")
            + "__descriptor"
    }

    private static func camel(_ name: String) -> String {
        var result = ""
        for (position, part) in name.split(separator: "_").enumerated() {
            if position == 0 {
                result += part
            } else if part == "id" || part == "url" {
                result += part.uppercased()
            } else {
                result += part.prefix(1).uppercased() + part.dropFirst()
            }
        }
        return result
    }

    private static func plainCamel(_ name: String) -> String {
        var result = ""
        for (position, part) in name.split(separator: "_").enumerated() {
            result += position == 0 ? String(part) : part.prefix(1).uppercased() + part.dropFirst()
        }
        return result
    }

    /// protoc-c's way: an underscore before each capital that follows another kind of letter.
    private static func snake(_ name: String) -> String {
        var result = ""
        var wasUpper = true
        for character in name {
            if character.isUppercase, !wasUpper { result += "_" }
            result += character.lowercased()
            wasUpper = character.isUppercase
        }
        return result
    }

    private static func escaped(_ name: String) -> String {
        keywords.contains(name) ? "`\(name)`" : name
    }

    private static let keywords: Set<String> = [
        "Any", "Protocol", "Self", "Type", "actor", "as", "associatedtype", "await", "break",
        "case", "catch", "class", "continue", "default", "defer", "deinit", "do", "else", "enum",
        "extension", "fallthrough", "false", "fileprivate", "for", "func", "guard", "if", "import",
        "in", "init", "inout", "internal", "is", "let", "nil", "operator", "precedencegroup",
        "private", "protocol", "public", "repeat", "rethrows", "return", "self", "static",
        "struct", "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias",
        "var", "where", "while",
    ]
}
