import Foundation
import Testing

@testable import RPC

/// Two connection state machines in memory, and whatever can happen between them.
///
/// Each seed is a run of its own: calls of all kinds, whose bytes are delayed, split, cut off, and
/// whose ends are killed. What both ends saw is held against a naive model: every message arrives
/// once and in order, every call ends exactly once, credit is what it should be, slots are freed,
/// and NOT_PROCESSED is said only of calls that no handler saw.
///
/// `PASS_SEEDS=100000` runs so many seeds instead of 2,000; `PASS_SEED=17` runs that one and tells
/// what happened in it.
@Suite struct SimulationTests {
    @Test func everyRunAddsUp() throws {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["PASS_SEED"].flatMap(UInt64.init) {
            _ = try Simulation(seed: seed, isTraced: true).run()
            return
        }
        let count = environment["PASS_SEEDS"].flatMap(UInt64.init) ?? 2_000
        var endings: Set<Ledger.Ending> = []
        for seed in 0..<count {
            do {
                endings.formUnion(try Simulation(seed: seed).run())
            } catch {
                Issue.record("PASS_SEED=\(seed): \(error)")
                return
            }
        }
        // Runs in which little happens would prove little.
        let wanted: [Ledger.Ending] = [
            .cancelled, .expired, .lost(isNotProcessed: false), .lost(isNotProcessed: true),
            .answered(0, isNotProcessed: false), .answered(7, isNotProcessed: true),
            .answered(4, isNotProcessed: false), .answered(14, isNotProcessed: true),
            .answered(14, isNotProcessed: false),
        ]
        #expect(wanted.filter { !endings.contains($0) } == [])
    }
}
