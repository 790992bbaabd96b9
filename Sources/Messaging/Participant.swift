import Contracts
import RPC
import ServiceKit
import Storage

/// A person on one side of conversations.
struct Participant: Sendable, Equatable {
    let personID: String
    let side: Side

    /// The participant that a caller is.
    ///
    /// - Throws: `MessagingError.notAParticipant` for anyone but young people and counsellors.
    init(_ caller: Caller) throws(MessagingError) {
        switch caller {
        case .youngPerson(let id): self.init(personID: id, side: .youngPersonSide)
        case .counsellor(let id): self.init(personID: id, side: .counsellorSide)
        case .supervisor, .operator, .visitor, .service: throw .notAParticipant
        }
    }

    init(personID: String, side: Side) {
        self.personID = personID
        self.side = side
    }
}

/// One conversation as seen by one who may see it.
struct Access: Sendable {
    let participant: Participant
    let member: Caseload.Member

    /// Opens the conversation of `youngPersonID` to `caller`.
    ///
    /// The conversation belongs to the young person: a new counsellor sees all of it, the former
    /// one no longer any.
    ///
    /// - Throws: PERMISSION_DENIED unless the caller is that young person or their present
    ///   counsellor.
    init(to youngPersonID: String, for caller: Caller, in queries: some Queries) throws {
        participant = try Participant(caller)
        member = try Caseload.member(youngPersonID, for: caller, in: queries)
    }
}

extension Side {
    /// The side across.
    var opposite: Side { self == .youngPersonSide ? .counsellorSide : .youngPersonSide }

    /// How the side is stored.
    var column: SQLValue { .integer(Int64(rawValue)) }
}
