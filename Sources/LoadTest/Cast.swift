public import ClientKit
public import RPC

/// As whom a flow calls.
public enum Persona: String, Sendable, Codable, CaseIterable {
    case youngPerson = "young_person"
    case counsellor
    /// Nobody in particular.
    case visitor
    /// Whoever runs the system, by certificate.
    case `operator`

    /// The role in the method tables' spelling.
    public var name: String {
        switch self {
        case .youngPerson: "YOUNG_PERSON"
        case .counsellor: "COUNSELLOR"
        case .visitor: "PUBLIC"
        case .operator: "OPERATOR"
        }
    }

    /// The first of the roles that may call a method; what only services may is called by the
    /// certificate alone, as an operator calls.
    public init(for method: MethodDescriptor) {
        self = Self.allCases.first { method.roles.contains($0.name) } ?? .operator
    }
}

/// Someone of the population in a part: as whom one flow calls.
public struct CastMember: Sendable, Equatable {
    /// The part.
    public let role: Persona
    /// The person's number in the population; 0 for parts without a person.
    public let number: Int
    /// The number of the young person that the flow is about: themselves, or one of the
    /// counsellor's.
    public let youngPerson: Int
}

/// Who can take part, and how they are known to the services.
public struct Cast: Sendable {
    /// The people.
    public let population: Population
    /// How many of each role take part, those with the lowest numbers.
    public let takingPart: Int
    /// What each call carries to say whose it is.
    public let credentials: Credentials

    /// How calls say whose they are.
    public enum Credentials: Sendable {
        /// As the gateway tells services: they believe it from its certificate.
        case asserted
        /// By the tokens of open sessions, under the ids of their people.
        case tokens([String: String])
        /// Not at all.
        case none
    }

    /// People of `population`, all of them unless said otherwise.
    public init(population: Population, takingPart: Int? = nil, credentials: Credentials) {
        self.population = population
        self.takingPart = min(takingPart ?? .max, population.youngPeople)
        self.credentials = credentials
    }

    /// Draws someone for a part.
    public func actor(_ role: Persona, _ random: inout SeededGenerator) -> CastMember {
        switch role {
        case .counsellor:
            let number = random.below(min(takingPart, population.counsellors))
            let caseload = population.youngPeople(of: number)
            return CastMember(
                role: role,
                number: number,
                youngPerson: caseload.lowerBound + random.below(caseload.count)
            )
        case .youngPerson, .visitor, .operator:
            let number = random.below(takingPart)
            return CastMember(role: role, number: number, youngPerson: number)
        }
    }

    /// The one whose turn is `turn`, when all who take part have theirs one after the other.
    public func member(_ role: Persona, _ turn: Int) -> CastMember {
        let isCounsellor = role == .counsellor
        let count = isCounsellor ? min(takingPart, population.counsellors) : takingPart
        let number = turn % max(1, count)
        let youngPerson = isCounsellor ? population.youngPeople(of: number).lowerBound : number
        return CastMember(role: role, number: number, youngPerson: youngPerson)
    }

    /// The account's id; `nil` for parts without a person.
    public func personID(_ actor: CastMember) -> String? {
        switch actor.role {
        case .youngPerson: population.youngPersonID(actor.number)
        case .counsellor: population.counsellorID(actor.number)
        case .visitor, .operator: nil
        }
    }

    /// What a call of `actor` carries.
    public func metadata(_ actor: CastMember) -> Metadata {
        var metadata = Metadata()
        switch credentials {
        case .none:
            break
        case .asserted:
            // The headers by which the gateway passes a person on (`PersonHeaders` of the services).
            guard actor.role != .operator else { break }
            metadata.add("person-role", actor.role.name)
            if let id = personID(actor) { metadata.add("person-id", id) }
        case .tokens(let tokens):
            if let id = personID(actor), let token = tokens[id] {
                metadata.add("authorization", "Bearer \(token)")
            }
        }
        return metadata
    }
}
