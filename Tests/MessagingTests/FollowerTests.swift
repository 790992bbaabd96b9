import Contracts
@testable import Messaging
import RPC
import ServiceKit
import Storage
import TestSupport
import Testing

/// Agenda's and actions' feeds as messaging reads them: over RPC, from databases of their own.
@Suite(.timeLimit(.minutes(1))) struct FollowerTests {
    private static let startMs: Int64 = 1_795_527_000_000

    @Test func eachKindOfChangeBecomesOneNoticeToTheYoungPerson() async throws {
        try await withMessaging { harness in
            let agenda = try await feed([
                AppointmentBooked(appointment: appointment()),
                AppointmentMoved(appointment: appointment(), previousStartMs: 1),
                ReminderDue(appointment: appointment(), kind: .dayBefore),
                AppointmentCancelled(appointment: appointment()),
            ])
            let actions = try await feed([
                ActionAssigned(action: action()),
                ActionAdded(action: action()),
                ActionProgressed(action: action()),
            ])
            try await follow(agenda, .agenda, in: harness, until: 4)
            try await follow(actions, .actions, in: harness, until: 5)
            let notices = try await harness.notices(as: .lea).notices
            #expect(notices.map(\.sequence) == [5, 4, 3, 2, 1])
            #expect(
                notices.map(\.kind) == [
                    .actionAssigned, .appointmentCancelled, .appointmentReminder,
                    .appointmentMoved, .appointmentBooked,
                ]
            )
            #expect(
                notices.map(\.text) == [
                    "Nouvelle action proposée par votre conseiller",
                    "Rendez-vous du mardi 24 novembre à 14:30 annulé",
                    "Rappel\u{A0}: rendez-vous le mardi 24 novembre à 14:30",
                    "Rendez-vous déplacé au mardi 24 novembre à 14:30",
                    "Rendez-vous ajouté le mardi 24 novembre à 14:30",
                ]
            )
            #expect(
                notices.map(\.subjectID) == ["action"] + Array(repeating: "appointment", count: 4)
            )
            #expect(try await harness.notices(as: .theirCounsellor).notices == [])
        }
    }

    @Test func aFollowerStartedAgainGoesOnWhereItWas() async throws {
        try await withMessaging { harness in
            let agenda = try await feed([AppointmentBooked(appointment: appointment())])
            try await follow(agenda, .agenda, in: harness, until: 1)
            try await append(AppointmentCancelled(appointment: appointment()), to: agenda)
            try await follow(agenda, .agenda, in: harness, until: 2)
            let notices = try await harness.notices(as: .lea).notices
            #expect(notices.map(\.kind) == [.appointmentCancelled, .appointmentBooked])
        }
    }

    @Test func aFeedReadAgainFromItsBeginningAddsNothing() async throws {
        try await withMessaging { harness in
            let agenda = try await feed([
                AppointmentBooked(appointment: appointment()),
                AppointmentCancelled(appointment: appointment()),
            ])
            try await follow(agenda, .agenda, in: harness, until: 2)
            try await forgetPosition(of: "agenda", in: harness)
            try await append(AppointmentBooked(appointment: appointment()), to: agenda)
            try await follow(agenda, .agenda, in: harness, until: 3)
            #expect(try await harness.notices(as: .lea).notices.map(\.sequence) == [3, 2, 1])
        }
    }

    @Test func noticesRemovedForTheirAgeDoNotComeBack() async throws {
        try await withMessaging { harness in
            let agenda = try await feed([AppointmentBooked(appointment: appointment())])
            try await follow(agenda, .agenda, in: harness, until: 1)
            harness.clock.advance(by: Limits.noticeAge + .milliseconds(1))
            let store = NoticeStore(database: harness.database)
            #expect(try await store.purge(at: harness.clock.now) == 1)
            try await forgetPosition(of: "agenda", in: harness)
            try await append(
                AppointmentCancelled(appointment: appointment()),
                to: agenda,
                at: harness.clock.now
            )
            try await follow(agenda, .agenda, in: harness, until: 2)
            let notices = try await harness.notices(as: .lea).notices
            #expect(notices.map(\.kind) == [.appointmentCancelled])
            #expect(notices.map(\.sequence) == [2])
        }
    }

    @Test func theSamePositionInTwoFeedsMakesTwoNotices() async throws {
        try await withMessaging { harness in
            let agenda = try await feed([AppointmentBooked(appointment: appointment())])
            let actions = try await feed([ActionAssigned(action: action())])
            try await follow(agenda, .agenda, in: harness, until: 1)
            try await follow(actions, .actions, in: harness, until: 2)
            #expect(try await harness.notices(as: .lea).notices.count == 2)
        }
    }

    @Test func aReminderThatComesAfterTheBeginningIsNone() throws {
        let body = try ReminderDue(appointment: appointment(), kind: .dayBefore).serializedBytes()
        let change = Change(sequence: 1, timeMs: 1, kind: ReminderDue.fullName, body: body)
        let start = Timestamp(milliseconds: Self.startMs)
        #expect(try NoticeDraft(agenda: change, at: start) == nil)
        #expect(try NoticeDraft(agenda: change, at: start - .milliseconds(1)) != nil)
    }

    @Test func aChangeThatNamesNobodyMakesNoNotice() throws {
        let empty = Change(
            sequence: 1,
            kind: AppointmentBooked.fullName,
            body: try AppointmentBooked().serializedBytes()
        )
        #expect(try NoticeDraft(agenda: empty, at: MessagingHarness.start) == nil)
        let nobody = Change(
            sequence: 1,
            kind: ActionAssigned.fullName,
            body: try ActionAssigned(action: Action(id: "a")).serializedBytes()
        )
        #expect(try NoticeDraft(actions: nobody) == nil)
    }

    private func appointment() -> Appointment {
        Appointment(
            id: "appointment",
            youngPersonID: MessagingHarness.lea,
            counsellorID: MessagingHarness.counsellor,
            startMs: Self.startMs,
            timeZone: "Europe/Paris"
        )
    }

    private func action() -> Action {
        Action(id: "action", youngPersonID: MessagingHarness.lea, assigned: true)
    }

    /// A database whose feed holds `bodies`.
    private func feed(_ bodies: [any ProtobufMessage]) async throws -> Database {
        let database = try Database.inMemory(migrations: [])
        for body in bodies { try await append(body, to: database) }
        return database
    }

    private func append(
        _ body: any ProtobufMessage,
        to database: Database,
        at time: Timestamp = MessagingHarness.start
    ) async throws {
        try await database.write { try $0.append(body, at: time) }
    }

    private func forgetPosition(of source: String, in harness: MessagingHarness) async throws {
        try await harness.database.write {
            _ = try $0.execute("DELETE FROM feed_position WHERE source = ?", [.text(source)])
        }
    }

    /// Follows `feed`, as the process does, until messaging's own feed has `head` entries.
    private func follow(
        _ other: Database,
        _ feed: NoticeFeed,
        in harness: MessagingHarness,
        until head: UInt64
    ) async throws {
        let server = FeedService(database: other)
        try await withInProcessServer([server], peer: .service("messaging")) { client in
            let clock = harness.clock
            let follower = FeedFollower(
                source: feed.source,
                client: client,
                database: harness.database,
                kinds: feed.kinds,
                logger: RPCServerConfiguration(instance: "messaging").logger
            ) { change, transaction in
                try feed.apply(change, at: clock.now, in: transaction)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await follower.run() }
                while harness.database.feedHead < head {
                    try await harness.database.waitForChange(after: head - 1)
                }
                group.cancelAll()
            }
        }
    }
}
