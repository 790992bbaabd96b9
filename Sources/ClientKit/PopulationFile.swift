/// A population as the file that `pe import people` takes, in pieces.
public struct PopulationFile: Sequence, IteratorProtocol, Sendable {
    /// How many young people the pieces so far held.
    public private(set) var youngPeopleWritten = 0

    private let population: Population
    private let pieceBytes: Int
    private var lines = 0

    /// Writes `population` in pieces of at most `pieceBytes`, at least 1 KiB.
    public init(_ population: Population, pieceBytes: Int) {
        precondition(pieceBytes >= 1_024, "a piece must hold a line")
        self.population = population
        self.pieceBytes = pieceBytes
    }

    /// The next piece of whole lines; `nil` behind the last.
    public mutating func next() -> [UInt8]? {
        let end = 1 + population.structures + population.counsellors + population.youngPeople
        guard lines < end else { return nil }
        var piece: [UInt8] = []
        piece.reserveCapacity(pieceBytes)
        while lines < end, piece.count <= pieceBytes - Self.lineBytesMax {
            piece += line(lines).utf8
            lines += 1
        }
        youngPeopleWritten = Swift.max(0, lines - (end - population.youngPeople))
        return piece
    }

    /// Longer than any line that the lists of names can give.
    private static let lineBytesMax = 512
    private static let header =
        "kind,id,name,time_zone,first_name,last_name,email,structure,counsellor\n"

    /// The header, then structures, counsellors and young people, each before who refers to them.
    private func line(_ line: Int) -> String {
        guard line > 0 else { return Self.header }
        var number = line - 1
        if number < population.structures {
            let name = "Structure \(number + 1) de la population \(population.seed)"
            let zone = population.timeZone(number)
            return "structure,\(population.structureID(number)),\(name),\(zone),,,,,\n"
        }
        number -= population.structures
        if number < population.counsellors {
            let structure = population.structureID(population.structure(of: number))
            return text(population.counsellor(number), "counsellor", "\(structure),")
        }
        number -= population.counsellors
        let counsellor = population.counsellorID(population.counsellor(of: number))
        return text(population.youngPerson(number), "young_person", ",\(counsellor)")
    }

    private func text(_ person: Population.Person, _ kind: String, _ references: String) -> String {
        let name = "\(person.firstName),\(person.lastName),\(person.email)"
        return "\(kind),\(person.id),,,\(name),\(references)\n"
    }
}
