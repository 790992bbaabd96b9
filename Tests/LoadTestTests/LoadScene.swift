import ClientKit
import Contracts
import NIOCore
import RPC

@testable import LoadTest

/// Plans for tests: a small population, a fixed moment, calls of one method.
enum LoadScene {
    static let nowMs: Int64 = 1_763_971_200_000  // 2025-11-24 08:00 UTC, a Monday

    static func cast(_ credentials: Cast.Credentials = .asserted) throws -> Cast {
        Cast(population: try Population(seed: 7, youngPeople: 200), credentials: credentials)
    }

    static func workload(
        _ method: MethodDescriptor = MessagingMethods.sendMessage.descriptor,
        data: String? = nil,
        role: Persona = .youngPerson
    ) throws -> Workload {
        try Workload(
            method,
            data: data ?? DefaultData.template(for: method),
            role: role,
            cast: try cast(),
            seed: 1,
            nowMs: nowMs
        )
    }

    /// So many calls a second at equal distances, on one lane unless said otherwise.
    static func plan(
        _ workload: Workload? = nil,
        rate: Double = 100,
        seconds: Int = 3,
        warmUp: Duration = .zero,
        underWayMax: Int = 1_000,
        pattern: Arrivals.Pattern = .constant,
        lanes: Int = 1
    ) throws -> LoadPlan {
        let stage = Arrivals.Stage(rate: rate, duration: .seconds(seconds))
        return LoadPlan(
            workload: try workload ?? self.workload(),
            cast: try cast(),
            pace: .open(Arrivals(stages: [stage], pattern: pattern, seed: 1)),
            warmUp: warmUp,
            underWayMax: underWayMax,
            seed: 1,
            run: 1,
            nowMs: nowMs,
            lanes: lanes
        )
    }

    static func summary(_ recording: Recording, _ plan: LoadPlan) -> Summary {
        Summary(
            recording,
            of: plan,
            about: Summary.About(
                title: "passemploi.messaging.v1.Messaging/SendMessage",
                through: "services",
                connections: 2,
                begun: "2025-11-24T08:00:00Z",
                machine: "2 × processor"
            ),
            cost: OwnCost(ownCPU: 0.5, machineBusy: 0.75)
        )
    }
}
