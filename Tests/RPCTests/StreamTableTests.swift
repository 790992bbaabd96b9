import Testing

@testable import RPC

@Suite struct StreamTableTests {
    /// Ids with gaps, closed and released in any order, against a dictionary.
    @Test(arguments: 0..<20) func aStreamIsFoundByItsIDUntilItIsClosed(seed: UInt64) {
        var random = SeededRandom(state: seed)
        var table = StreamTable<UInt32>()
        var open: [UInt32: Int] = [:]
        var closed: [Int] = []
        var lastID: UInt32 = 1
        for _ in 0..<2000 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0, 1:
                // Gaps of a power of two are those that collide.
                lastID += 2 << UInt32.random(in: 0..<8, using: &random)
                open[lastID] = table.open(lastID, lastID)
            case 2:
                guard let (id, slot) = open.randomElement(using: &random) else { continue }
                table.close(id)
                open[id] = nil
                closed.append(slot)
            default:
                guard let slot = closed.popLast() else { continue }
                table.release(slot)
            }
            #expect(table.openCount == open.count)
            #expect(table.count == open.count + closed.count)
            #expect(table.slot(of: lastID + 2) == nil)
        }
        for (id, slot) in open {
            #expect(table.slot(of: id) == slot)
            #expect(table[slot] == id)
        }
        #expect(Set(table.used) == Set(open.values).union(closed))
    }

    @Test func whatWasClosedIsNotFound() {
        var table = StreamTable<Int>()
        let slots = (0..<100).map { number in table.open(UInt32(number * 2 + 1), number) }
        for number in stride(from: 0, to: 100, by: 3) { table.close(UInt32(number * 2 + 1)) }
        for number in 0..<100 {
            let slot = table.slot(of: UInt32(number * 2 + 1))
            #expect(slot == (number % 3 == 0 ? nil : slots[number]))
        }
    }
}
