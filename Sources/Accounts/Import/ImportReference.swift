import ServiceKit

/// How a line of an import refers to something: by an id, or by a name or address.
enum ImportReference: Sendable {
    case id(String)
    case key(String)

    /// Reads a reference; `key` brings names or addresses into the form in which they are compared.
    init(_ text: String, key: (String) -> String) {
        self = Self.id(text).map { .id($0) } ?? .key(key(text))
    }

    /// The id in the form in which it is stored; `nil` if the text is no UUID.
    static func id(_ text: String) -> String? {
        // Most references are no ids, and a refusal costs more than a look at the length.
        guard text.utf8.count == 36 else { return nil }
        return try? Check.id(text, "id")
    }
}
