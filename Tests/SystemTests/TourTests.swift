import Contracts
import Foundation
import RPC
import Testing

extension ProcessTests {
    /// The main job, as its users see it.
    @Suite struct TourTests {
        @Test func theTourSeesEverything() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                let tour = try system.pe(["tour"])
                #expect(tour.status == 0, "\(tour.output)\(tour.error)")
                #expect(tour.output.hasSuffix("All of it was seen.\n"))
                // Brought in again, nothing changes; and the tour can be taken again.
                let again = try system.pe(
                    ["import", "people", "\(RunningSystem.top)/deploy/demo/people.csv"]
                )
                #expect(again.output == "people: 0 new, 0 changed, 7 same\n")
                #expect(try system.pe(["tour"]).status == 0)
                for service in RunningSystem.services.reversed() {
                    #expect(system.stop(service) == 0, "\(service) stops cleanly")
                }
            }
        }

        @Test func aSecondStartFindsItsData() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                for service in RunningSystem.services { system.kill(service) }
                try await system.startAll()
                let again = try system.pe(
                    ["import", "people", "\(RunningSystem.top)/deploy/demo/people.csv"]
                )
                #expect(again.output == "people: 0 new, 0 changed, 7 same\n")
            }
        }
    }
}
