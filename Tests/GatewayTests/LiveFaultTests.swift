import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Gateway

/// What a live stream does when a service goes, comes back, or comes back as another.
@Suite(.timeLimit(.minutes(2))) struct LiveFaultTests {
    @Test func aServiceThatIsDownAtStartHoldsUpNoOther() async throws {
        try await withLive(down: ["agenda"]) { scene in
            let others = LiveHub.sources.filter { $0 != "agenda" }
            let start = try await scene.cursor(of: others)
            try await scene.watch(from: start) { reader in
                _ = try await reader.next()
                try await scene.append("offers", ["one"])
                let kinds = try await reader.kinds(1)
                #expect(kinds == ["one"])
                try scene.gate("agenda").comeUp()
                _ = try await scene.cursor()
                try await scene.append("agenda", ["two"])
                let later = try await reader.kinds(1)
                #expect(later == ["two"])
            }
        }
    }

    @Test func aServiceThatGoesAndComesBackLosesAndDoublesNothing() async throws {
        try await withLive { scene in
            let gate = try scene.gate("messaging")
            _ = try await scene.cursor()
            try await scene.watch { reader in
                _ = try await reader.next()
                var expected: [String] = []
                var seen: [String] = []
                for round in 0..<20 {
                    let kinds = (0..<10).map { "\(round)-\($0)" }
                    expected += kinds
                    // Down in the middle: what is stored meanwhile is told afterwards.
                    try await scene.append("messaging", Array(kinds.prefix(5)))
                    gate.goDown()
                    try await scene.append("messaging", Array(kinds.suffix(5)))
                    gate.comeUp()
                    seen += try await reader.kinds(10)
                }
                #expect(seen == expected)
            }
        }
    }

    @Test func aStreamThatBeginsWhileTheServiceIsDownCatchesUpLater() async throws {
        try await withLive { scene in
            let start = try await scene.cursor()
            let gate = try scene.gate("messaging")
            try await scene.append("messaging", (0..<600).map(String.init))
            try await scene.watch(from: start) { reader in
                _ = try await reader.kinds(1)
            }
            gate.goDown()
            try await scene.watch(from: start) { reader in
                // Catching up fails; the others' events come all the same, and so do later ones.
                try await scene.append("offers", ["other"])
                let kinds = try await reader.kinds(1)
                #expect(kinds == ["other"])
                gate.comeUp()
                try await scene.append("messaging", ["last"])
                // Both ways back: the hub's, and the sign of life's.
                let seen = try await scene.pulse.beating { try await reader.kinds(601) }
                #expect(seen == (0..<600).map(String.init) + ["last"])
            }
        }
    }

    @Test func aServicePutBackToAnEarlierStateMakesStreamsStartAgain() async throws {
        try await withLive { scene in
            let gate = try scene.gate("agenda")
            try await scene.append("agenda", (0..<20).map(String.init))
            let start = try await scene.cursor(at: ["agenda": 20])
            let earlier = try Database.inMemory(migrations: [])
            try await LiveScene.append(earlier, [("0", [.young]), ("1", [.young])])

            let ended = await #expect(throws: RPCError.self) {
                try await scene.watch(from: start) { reader in
                    _ = try await reader.next()
                    gate.goDown()
                    gate.comeUp(earlier)
                    while true { _ = try await reader.next() }
                }
            }
            #expect(ended?.code == .failedPrecondition)
            // The old cursor stays wrong, whether the hub has found the feed again or not.
            _ = try await scene.cursor()
            let refused = await #expect(throws: RPCError.self) {
                try await scene.watch(from: start) { reader in
                    while true { _ = try await reader.next() }
                }
            }
            #expect(refused?.code == .failedPrecondition)
            try await scene.watch { reader in
                _ = try await reader.next()
                try await scene.append("agenda", ["new"])
                let event = try await reader.change()
                #expect(event.change?.kind == "new")
                #expect(event.change?.sequence == 3)
            }
        }
    }

    @Test func aClientThatDoesNotReadIsSentAwayAndGoesOnFromItsCursor() async throws {
        try await withLive { scene in
            let start = try await scene.cursor()
            let text = String(repeating: "x", count: 1_000)
            let all = (0..<3_000).map { "\($0) \(text)" }
            var seen: [String] = []
            var cursor = start
            let error = await #expect(throws: RPCError.self) {
                try await scene.watch(from: start) { slow in
                    _ = try await slow.next()
                    // A stream that reads shows when the hub has told both everything.
                    try await scene.watch(from: start) { quick in
                        for chunk in stride(from: 0, to: all.count, by: 100) {
                            try await scene.append("actions", Array(all[chunk..<chunk + 100]))
                            _ = try await quick.kinds(100)
                        }
                    }
                    while true {
                        let event = try await slow.next()
                        guard let change = event.change else { continue }
                        seen.append(change.kind)
                        cursor = event.cursor
                    }
                }
            }
            #expect(error?.code == .resourceExhausted)
            #expect(seen.count < all.count)
            let left = all.count - seen.count
            seen += try await scene.watch(from: cursor) { try await $0.kinds(left) }
            #expect(seen == all)
        }
    }

    @Test func manyStreamsThatDoNotReadLeaveTheServicesConnectionFree() async throws {
        try await withLive { scene in
            let start = try await scene.cursor(.young)
            let text = String(repeating: "x", count: 900)
            try await scene.append("offers", (0..<2_000).map { "\($0) \(text)" })
            // The streams find all of it behind the hub, so each has to read it back.
            _ = try await scene.cursor(.otherYoung, at: ["offers": 2_000])
            try await withThrowingTaskGroup(of: Void.self) { group in
                let (ready, isReady) = AsyncStream<Void>.makeStream()
                let streams = LiveHub.watchersPerPersonMax - 1
                for _ in 0..<streams {
                    group.addTask {
                        try await scene.watch(from: start) { reader in
                            _ = try await reader.change()
                            isReady.yield()
                            try await Pulse().wait()
                        }
                    }
                }
                // So many pages at once may be too slow for some; their streams try again then.
                try await scene.pulse.beating {
                    var started = 0
                    for await _ in ready {
                        started += 1
                        if started == streams { break }
                    }
                    // Each has more to read back than fits on its way; a last one gets all of it.
                    try await scene.watch(from: start) { reader in
                        let kinds = try await reader.kinds(2_000)
                        #expect(kinds.last?.hasPrefix("1999 ") == true)
                    }
                }
                // The hub's own call, and at most the few pages that are being read right now.
                while try scene.gate("offers").calls.underWay > 1 { await Task.yield() }
                group.cancelAll()
            }
        }
    }
}
