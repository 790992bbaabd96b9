import Contracts

/// What a signed-in account may be; the raw value is what the table holds.
enum AccountRole: String, Sendable {
    case youngPerson = "YOUNG_PERSON"
    case counsellor = "COUNSELLOR"
    case supervisor = "SUPERVISOR"

    var contract: Role {
        switch self {
        case .youngPerson: .youngPerson
        case .counsellor: .counsellor
        case .supervisor: .supervisor
        }
    }

    /// The role as a sentence needs it.
    var noun: String {
        switch self {
        case .youngPerson: "young person"
        case .counsellor: "counsellor"
        case .supervisor: "supervisor"
        }
    }
}

/// Someone with an account, as the `person` table holds them, less the password's hash.
struct Account: Sendable, Equatable {
    let id: String
    let role: AccountRole
    var firstName: String
    var lastName: String
    var email: String
    var structureID: String
    /// The young person's counsellor; `nil` for everyone else.
    var counsellorID: String?
    var isActivated: Bool

    /// The account as callers see it.
    func person(in structure: Structure) -> Person {
        Person(
            id: id,
            role: role.contract,
            firstName: firstName,
            lastName: lastName,
            email: email,
            structure: structure,
            counsellorID: counsellorID ?? "",
            activated: isActivated
        )
    }
}
