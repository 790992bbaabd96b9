import Contracts
import Messaging
import RPC
import ServiceKit
import Storage
import Synchronization
import TestSupport

/// The real service over the in-process transport, on an empty database, with two counsellors and
/// the young people of `caseload` in its copy of the caseloads.
struct MessagingHarness: Sendable {
    static let lea = "0190b6e0-0000-7000-8000-00000000000a"
    static let hugo = "0190b6e0-0000-7000-8000-00000000000b"
    static let ines = "0190b6e0-0000-7000-8000-00000000000c"
    static let counsellor = "0190b6e0-0000-7000-8000-0000000000c1"
    static let otherCounsellor = "0190b6e0-0000-7000-8000-0000000000c2"
    /// Tuesday 24 November 2026, 10:00 in Paris.
    static let start = Timestamp(milliseconds: 1_795_510_800_000)

    let database: Database
    let clock: TestClock
    let client: MessagingClient

    /// Lea and Hugo are followed by `counsellor`, Ines by `otherCounsellor`.
    static let caseload = [lea: counsellor, hugo: counsellor, ines: otherCounsellor]

    /// Sends as `caller`.
    @discardableResult
    func send(
        _ text: String = "Bonjour",
        id: String? = nil,
        to youngPersonID: String = lea,
        as caller: Caller
    ) async throws -> Message {
        try await client.sendMessage(
            SendMessageRequest(
                id: id ?? IDGenerator().next(at: clock.now),
                youngPersonID: youngPersonID,
                text: text
            ),
            options: options(caller)
        )
    }

    /// Acknowledges as `caller`.
    @discardableResult
    func acknowledge(
        delivered: UInt64 = 0,
        read: UInt64 = 0,
        of youngPersonID: String = lea,
        as caller: Caller
    ) async throws -> Conversation {
        try await client.acknowledgeMessages(
            AcknowledgeMessagesRequest(
                youngPersonID: youngPersonID,
                deliveredThrough: delivered,
                readThrough: read
            ),
            options: options(caller)
        )
    }

    /// A page as `caller`.
    func messages(
        before: UInt64 = 0,
        limit: UInt32 = 0,
        of youngPersonID: String = lea,
        as caller: Caller
    ) async throws -> ListMessagesResponse {
        try await client.listMessages(
            ListMessagesRequest(youngPersonID: youngPersonID, before: before, limit: limit),
            options: options(caller)
        )
    }

    /// The conversation as `caller` sees it.
    func conversation(
        of youngPersonID: String = lea,
        as caller: Caller
    ) async throws -> Conversation {
        try await client.getConversation(
            GetConversationRequest(youngPersonID: youngPersonID),
            options: options(caller)
        )
    }

    /// The caller's conversations.
    func conversations(as caller: Caller) async throws -> [Conversation] {
        try await client.listConversations(ListConversationsRequest(), options: options(caller))
            .conversations
    }

    /// The caller's notices.
    func notices(
        before: UInt64 = 0,
        limit: UInt32 = 0,
        as caller: Caller
    ) async throws -> ListNoticesResponse {
        try await client.listNotices(
            ListNoticesRequest(before: before, limit: limit),
            options: options(caller)
        )
    }

    /// Marks the caller's notices; answers how many are left unseen.
    @discardableResult
    func markSeen(through: UInt64, as caller: Caller) async throws -> UInt32 {
        try await client.markNoticesSeen(
            MarkNoticesSeenRequest(through: through),
            options: options(caller)
        ).unseen
    }

    /// The entries of the service's own feed, oldest first.
    func feed() async throws -> [FeedEntry] {
        try await database.read { reader in
            try reader.rows("SELECT * FROM change ORDER BY sequence").map { row in
                FeedEntry(
                    kind: try row.text("kind"),
                    youngPersonID: try row.text("young_person_id"),
                    counsellorID: try row.text("counsellor_id"),
                    body: try row.blob("body")
                )
            }
        }
    }

    private func options(_ caller: Caller) -> CallOptions {
        CallOptions(metadata: PersonHeaders.metadata(for: caller))
    }
}

/// What a test looks at in an entry of the feed.
struct FeedEntry: Sendable, Equatable {
    let kind: String
    let youngPersonID: String
    let counsellorID: String
    let body: [UInt8]
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let instant: Mutex<Timestamp>

    init(_ start: Timestamp) {
        instant = Mutex(start)
    }

    var now: Timestamp { instant.withLock { $0 } }

    func advance(by duration: Duration) {
        instant.withLock { $0 = $0 + duration }
    }
}

/// Runs `body` against the service; time stands at `MessagingHarness.start`.
func withMessaging(_ body: (MessagingHarness) async throws -> Void) async throws {
    let database = try Database.inMemory(migrations: MessagingSchema.migrations)
    try await withMessaging(on: database, body)
}

/// Runs `body` against the service on `database`.
func withMessaging(
    on database: Database,
    _ body: (MessagingHarness) async throws -> Void
) async throws {
    let clock = TestClock(MessagingHarness.start)
    for (youngPerson, counsellor) in MessagingHarness.caseload {
        try await assign(youngPerson, to: counsellor, in: database)
    }
    let service = MessagingService(database: database, now: { clock.now })
    let configuration = RPCServerConfiguration(
        instance: "messaging",
        authorize: { try Authorization().check($0) }
    )
    try await withInProcessServer(
        [service],
        peer: .service("gateway"),
        configuration: configuration
    ) { client in
        let harness = MessagingHarness(
            database: database,
            clock: clock,
            client: MessagingClient(client)
        )
        try await body(harness)
    }
}

/// Brings into the copy of the caseloads that `counsellor` follows `youngPerson`.
func assign(_ youngPerson: String, to counsellor: String, in database: Database) async throws {
    let names = [
        MessagingHarness.lea: ("Léa", "Martin"), MessagingHarness.hugo: ("Hugo", "Bernard"),
        MessagingHarness.ines: ("Inès", "Petit"),
    ]
    let structure = Structure(id: "s", name: "Mission locale", timeZone: "Europe/Paris")
    let person = Person(
        id: youngPerson,
        role: .youngPerson,
        firstName: names[youngPerson]?.0 ?? "Noé",
        lastName: names[youngPerson]?.1 ?? "Durand",
        structure: structure,
        counsellorID: counsellor
    )
    try await database.write { transaction in
        let bodies: [(String, [UInt8])] = [
            (
                StructureChanged.fullName,
                try StructureChanged(structure: structure).serializedBytes()
            ),
            (
                YoungPersonChanged.fullName,
                try YoungPersonChanged(youngPerson: person).serializedBytes()
            ),
        ]
        for (kind, body) in bodies {
            try Caseload.apply(Change(sequence: 1, kind: kind, body: body), in: transaction)
        }
    }
}

extension Caller {
    static let lea = Caller.youngPerson(MessagingHarness.lea)
    static let hugo = Caller.youngPerson(MessagingHarness.hugo)
    static let ines = Caller.youngPerson(MessagingHarness.ines)
    static let theirCounsellor = Caller.counsellor(MessagingHarness.counsellor)
    static let otherCounsellor = Caller.counsellor(MessagingHarness.otherCounsellor)
}
