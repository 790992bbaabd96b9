import ClientKit
import Foundation
import Testing

@Suite struct PopulationTests {
    @Test func theSameSeedIsTheSamePeopleHoweverMany() throws {
        let small = try Population(seed: 7, youngPeople: 100)
        let large = try Population(seed: 7, youngPeople: 400_000)
        #expect(small.youngPerson(99) == large.youngPerson(99))
        #expect(small.counsellor(2) == large.counsellor(2))
        #expect(small.structureID(0) == large.structureID(0))
        let other = try Population(seed: 8, youngPeople: 100)
        #expect(small.youngPersonID(99) != other.youngPersonID(99))
        #expect(small.youngPerson(99).email != other.youngPerson(99).email)
    }

    @Test func idsAreUUIDsThatRise() throws {
        let population = try Population(seed: 7, youngPeople: 1_000)
        let ids = (0..<1_000).map(population.youngPersonID)
        #expect(ids == ids.sorted())
        #expect(Set(ids).count == 1_000)
        #expect(ids.allSatisfy { UUID(uuidString: $0) != nil && $0 == $0.lowercased() })
        let counsellors = (0..<population.counsellors).map(population.counsellorID)
        #expect(Set(ids).isDisjoint(with: counsellors))
    }

    @Test func everyCounsellorFollowsForty() throws {
        let population = try Population(seed: 7, youngPeople: 85)
        #expect(population.counsellors == 3)
        #expect(population.structures == 1)
        #expect(population.youngPeople(of: 0) == 0..<40)
        #expect(population.youngPeople(of: 2) == 80..<85)
        #expect(population.counsellor(of: 84) == 2)
    }

    @Test(arguments: [1_024, 4_096, 1 << 20])
    func theFileIsTheSameInPiecesOfAnySize(pieceBytes: Int) throws {
        let population = try Population(seed: 7, youngPeople: 85)
        var pieces = PopulationFile(population, pieceBytes: pieceBytes)
        var bytes: [UInt8] = []
        while let piece = pieces.next() {
            #expect(piece.count <= pieceBytes)
            bytes += piece
        }
        #expect(pieces.youngPeopleWritten == 85)
        let text = try #require(String(validating: bytes, as: UTF8.self))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 1 + 1 + 3 + 85)
        let columns = lines[0].split(separator: ",").count
        #expect(
            lines.allSatisfy {
                $0.split(separator: ",", omittingEmptySubsequences: false).count == columns
            }
        )
        let last = try #require(lines.last)
        #expect(last.hasPrefix("young_person,\(population.youngPersonID(84)),"))
        #expect(last.hasSuffix(",\(population.counsellorID(2))"))
    }

    @Test func addressesArePlainAndUnique() throws {
        let population = try Population(seed: 7, youngPeople: 2_000)
        let addresses = (0..<2_000).map { population.youngPerson($0).email }
        #expect(Set(addresses).count == 2_000)
        #expect(addresses.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } })
        #expect(addresses.allSatisfy { $0.hasSuffix("@population-7.example") })
    }

    @Test(arguments: [0, -1, 900_001])
    func anImpossibleNumberIsRefused(count: Int) {
        #expect(throws: CommandFailure.self) { try Population(seed: 1, youngPeople: count) }
    }
}
