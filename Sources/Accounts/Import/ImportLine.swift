/// One line of an import file, its fields checked one by one but not yet against each other.
struct ImportLine: Sendable, Equatable {
    let number: Int
    /// In lower case; `nil` if the line leaves it to the service.
    let id: String?
    let content: Content

    enum Content: Sendable, Equatable {
        case structure(name: String, timeZone: String)
        case person(ImportedPerson)
    }
}

/// A line that describes a counsellor or a young person.
struct ImportedPerson: Sendable, Equatable {
    let role: AccountRole
    let firstName: String
    let lastName: String
    let email: String
    /// An id or a name; for a young person it may be empty and means the counsellor's structure.
    let structure: String
    /// An id or an address; empty for a counsellor.
    let counsellor: String
}

/// The columns of an import file.
enum ImportColumn: String, CaseIterable, Sendable {
    case kind
    case id
    case name
    case firstName = "first_name"
    case lastName = "last_name"
    case email
    case timeZone = "time_zone"
    case structure
    case counsellor

    /// The columns that lines of this kind leave empty.
    static func unused(by kind: ImportKind) -> [ImportColumn] {
        switch kind {
        case .structure: [.firstName, .lastName, .email, .structure, .counsellor]
        case .counsellor: [.name, .timeZone, .counsellor]
        case .youngPerson: [.name, .timeZone]
        }
    }
}

/// What a line may describe.
enum ImportKind: String, CaseIterable, Sendable {
    case structure
    case counsellor
    case youngPerson = "young_person"
}
