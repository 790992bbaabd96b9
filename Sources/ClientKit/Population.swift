/// People made up from a seed: the same seed gives the same people, however many are asked for.
///
/// `pe import people --synthetic` brings them in; a load test then knows their ids and addresses
/// without asking. None of them exists; their addresses end in `.example` (RFC 2606).
public struct Population: Sendable, Hashable {
    /// Young people whom one counsellor follows: the scheme's usual number.
    public static let caseload = 40
    /// Counsellors of one structure.
    public static let counsellorsPerStructure = 20
    /// Young people that one import can hold beside their counsellors and structures.
    public static let youngPeopleMax = 900_000

    /// Whose people they are.
    public let seed: UInt64
    /// How many young people there are.
    public let youngPeople: Int

    /// `youngPeople` young people of a seed, with as many counsellors and structures as follow.
    ///
    /// - Throws: `CommandFailure` unless there are 1 to 900,000.
    public init(seed: UInt64, youngPeople: Int) throws {
        guard (1...Self.youngPeopleMax).contains(youngPeople) else {
            throw CommandFailure(
                "A population has 1 to \(Self.youngPeopleMax) young people.",
                code: 2
            )
        }
        self.seed = seed
        self.youngPeople = youngPeople
    }

    /// How many counsellors follow them.
    public var counsellors: Int { (youngPeople - 1) / Self.caseload + 1 }

    /// How many structures they belong to.
    public var structures: Int { (counsellors - 1) / Self.counsellorsPerStructure + 1 }

    /// Someone with an account.
    public struct Person: Sendable, Equatable {
        /// The account's id.
        public let id: String
        /// The first name.
        public let firstName: String
        /// The family name.
        public let lastName: String
        /// The e-mail address.
        public let email: String
    }

    /// What has an id.
    enum Kind: UInt64 {
        case structure = 1
        case counsellor = 2
        case youngPerson = 3
    }

    /// The id of the young person with a number from 0.
    public func youngPersonID(_ number: Int) -> String { id(.youngPerson, number) }

    /// The id of the counsellor with a number from 0.
    public func counsellorID(_ number: Int) -> String { id(.counsellor, number) }

    /// The id of the structure with a number from 0.
    public func structureID(_ number: Int) -> String { id(.structure, number) }

    /// The number of the counsellor who follows a young person.
    public func counsellor(of youngPerson: Int) -> Int { youngPerson / Self.caseload }

    /// The numbers of the young people whom a counsellor follows; never empty.
    public func youngPeople(of counsellor: Int) -> Range<Int> {
        let first = counsellor * Self.caseload
        return first..<max(first + 1, min(first + Self.caseload, youngPeople))
    }

    /// The number of a counsellor's structure.
    public func structure(of counsellor: Int) -> Int { counsellor / Self.counsellorsPerStructure }

    /// The young person with a number from 0.
    public func youngPerson(_ number: Int) -> Person {
        person(.youngPerson, number, PopulationNames.young)
    }

    /// The counsellor with a number from 0.
    public func counsellor(_ number: Int) -> Person {
        person(.counsellor, number, PopulationNames.grown)
    }

    /// The time zone of a structure: one in 25 is overseas.
    public func timeZone(_ structure: Int) -> String {
        let overseas = ["Indian/Reunion", "America/Martinique", "America/Cayenne"]
        var random = generator(.structure, structure)
        guard random.below(25) == 0 else { return "Europe/Paris" }
        return overseas[random.below(overseas.count)]
    }

    private func person(_ kind: Kind, _ number: Int, _ firstNames: [PopulationNames.Name]) -> Person
    {
        var random = generator(kind, number)
        let first = firstNames[random.below(firstNames.count)]
        let last = PopulationNames.family[random.below(PopulationNames.family.count)]
        // The number makes the address unique, the letter keeps the two kinds apart.
        let letter = kind == .counsellor ? "c" : "j"
        return Person(
            id: id(kind, number),
            firstName: first.text,
            lastName: last.text,
            email: "\(first.address).\(last.address).\(letter)\(number)@population-\(seed).example"
        )
    }

    private func generator(_ kind: Kind, _ number: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &* 4 &+ kind.rawValue, stream: UInt64(number))
    }

    /// A UUID that rises with the number, as the ids of accounts made one after the other do: an
    /// index over random ones would make an import look slower than life.
    private func id(_ kind: Kind, _ number: Int) -> String {
        var own = SeededGenerator(seed: seed &* 4 &+ kind.rawValue)
        var random = generator(kind, number)
        let tag = own.next() >> 48
        let high = tag << 48 | UInt64(number) << 16 | random.next() >> 52
        return UUIDText.text(high: high, low: random.next())
    }
}
