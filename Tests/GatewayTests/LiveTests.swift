import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct LiveTests {
    @Test func aStreamTellsWhatHappensFromNowOn() async throws {
        try await withLive { scene in
            try await scene.append("agenda", ["before"])
            _ = try await scene.cursor()
            try await scene.watch { reader in
                let first = try await reader.next()
                #expect(first.change == nil)
                #expect(!first.cursor.isEmpty)
                try await scene.append("agenda", ["of another"], to: .otherYoung)
                try await scene.append("agenda", ["mine"])
                let event = try await reader.change()
                #expect(event.service == "agenda")
                #expect(event.change?.kind == "mine")
                #expect(event.change?.sequence == 3)
                #expect(event.change?.body == Array("mine".utf8))
            }
        }
    }

    @Test func eachSideSeesWhatNamesThem() async throws {
        try await withLive { scene in
            _ = try await scene.cursor()
            try await scene.watch(.young) { young in
                _ = try await young.next()
                try await scene.watch(.counsellor) { counsellor in
                    _ = try await counsellor.next()
                    try await scene.append(
                        "messaging",
                        [
                            ("both", [.young, .counsellor]), ("young", [.young]),
                            ("counsellor", [.counsellor]), ("neither", []),
                            ("others", [.otherYoung, .otherCounsellor]),
                            ("end", [.young, .counsellor]),
                        ]
                    )
                    let youngKinds = try await young.kinds(3)
                    #expect(youngKinds == ["both", "young", "end"])
                    let counsellorKinds = try await counsellor.kinds(3)
                    #expect(counsellorKinds == ["both", "counsellor", "end"])
                }
            }
        }
    }

    @Test func noticesOfTheOtherSideAreNotShownLiveNorReadBack() async throws {
        try await withLive { scene in
            let start = try await scene.cursor(.counsellor)
            let database = try scene.gate("messaging").database
            let now = scene.clock.now
            try await database.write { transaction in
                for person in [TestPerson.young, .counsellor] {
                    try transaction.append(
                        NoticeAdded(personID: person.id),
                        youngPersonID: TestPerson.young.id,
                        counsellorID: TestPerson.counsellor.id,
                        at: now
                    )
                }
            }
            try await scene.append("messaging", [("end", [.young, .counsellor])])
            for _ in 0..<2 {
                try await scene.watch(.counsellor, from: start) { reader in
                    let notice = try await reader.change().change
                    #expect(notice?.sequence == 2)
                    let kinds = try await reader.kinds(1)
                    #expect(kinds == ["end"])
                }
            }
        }
    }

    @Test func aStreamGoesOnFromACursorWithoutGapOrDouble() async throws {
        try await withLive { scene in
            var cursor = try await scene.cursor()
            var seen: [String] = []
            for round in 0..<5 {
                try await scene.append("offers", (0..<300).map { "\(round)-\($0)" })
                // Leaves after an odd number, in the middle of what is there.
                try await scene.watch(from: cursor) { reader in
                    for _ in 0..<251 {
                        let event = try await reader.change()
                        seen.append(event.change?.kind ?? "")
                        cursor = event.cursor
                    }
                }
            }
            try await scene.watch(from: cursor) { reader in
                seen += try await reader.kinds(1_500 - seen.count)
            }
            #expect(seen == (0..<5).flatMap { round in (0..<300).map { "\(round)-\($0)" } })
        }
    }

    @Test func aSignOfLifeMovesTheCursorPastWhatConcernsOthers() async throws {
        try await withLive { scene in
            _ = try await scene.cursor()
            try await scene.watch { reader in
                _ = try await reader.next()
                try await scene.append("actions", ["a", "b", "c"], to: .otherYoung)
                try await scene.pulse.beating {
                    while true {
                        let event = try await reader.next()
                        #expect(event.change == nil)
                        if try LiveCursor.decode(event.cursor)["actions"] == 3 { return }
                    }
                }
            }
        }
    }

    @Test(arguments: LiveCursorTests.foreign)
    func aForeignCursorIsRefused(_ cursor: String) async throws {
        try await withLive { scene in
            let error = await #expect(throws: RPCError.self) {
                try await scene.watch(from: cursor) { try await $0.next() }
            }
            #expect(error?.code == .failedPrecondition)
        }
    }

    @Test func aCursorBehindTheEndOfAFeedIsRefused() async throws {
        try await withLive { scene in
            _ = try await scene.cursor()
            for position in [3, UInt64(Int64.max)] {
                let error = await #expect(throws: RPCError.self) {
                    try await scene.watch(from: LiveCursor.encode(["agenda": position])) { reader in
                        while true { _ = try await reader.next() }
                    }
                }
                #expect(error?.code == .failedPrecondition)
            }
        }
    }

    @Test func aStreamEndsWithItsSession() async throws {
        try await withLive { scene in
            _ = try await scene.cursor()
            let error = await #expect(throws: RPCError.self) {
                try await scene.watch { reader in
                    _ = try await reader.next()
                    let database = try scene.gate("accounts").database
                    let now = scene.clock.now
                    try await database.write { transaction in
                        try transaction.append(
                            SessionEnded(sessionID: TestPerson.young.sessionID),
                            youngPersonID: TestPerson.young.id,
                            at: now
                        )
                    }
                    while true { _ = try await reader.next() }
                }
            }
            #expect(error?.code == .unauthenticated)
        }
    }

    @Test func aStreamEndsWhenItsSessionIsTooOld() async throws {
        try await withLive { scene in
            _ = try await scene.cursor()
            let error = await #expect(throws: RPCError.self) {
                try await scene.watch { reader in
                    _ = try await reader.next()
                    scene.clock.move(.seconds(30 * 86_400))
                    try await scene.pulse.beating {
                        while true { _ = try await reader.next() }
                    }
                }
            }
            #expect(error?.code == .unauthenticated)
        }
    }
}
