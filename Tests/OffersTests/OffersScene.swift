import Contracts
import Offers
import RPC
import ServiceKit
import Storage
import Synchronization

/// The offers service behind the in-process transport, with a caseload and a clock to set.
struct OffersScene {
    let database: Database
    let clock: SettableClock
    let client: OffersClient
    let sources: OfferSourcesClient

    static let counsellor = "00000000-0000-7000-8000-0000000000c1"
    static let youngPerson = "00000000-0000-7000-8000-0000000000a1"
    static let secondYoungPerson = "00000000-0000-7000-8000-0000000000a2"
    static let othersYoungPerson = "00000000-0000-7000-8000-0000000000b1"

    /// Monday 11 May 2026, 10:00 in Paris.
    static let monday = Timestamp(milliseconds: 1_778_486_400_000)

    /// Sends `text` as a file of `source`, in pieces of `pieceBytes`.
    func importOffers(
        _ text: String,
        from source: OfferSource,
        pieceBytes: Int = 64 * 1024,
        isComplete: Bool = false
    ) async throws -> ImportOffersResponse {
        try await importOffers(
            Array(text.utf8),
            from: source,
            pieceBytes: pieceBytes,
            isComplete: isComplete
        )
    }

    /// Sends `bytes` as a file of `source`, in pieces of `pieceBytes`.
    func importOffers(
        _ bytes: [UInt8],
        from source: OfferSource,
        pieceBytes: Int = 64 * 1024,
        isComplete: Bool = false
    ) async throws -> ImportOffersResponse {
        try await client.importOffers { writer in
            var start = 0
            repeat {
                let end = min(start + pieceBytes, bytes.count)
                let piece = Array(bytes[start..<end])
                let request = ImportOffersRequest(
                    source: source,
                    data: piece,
                    complete: isComplete
                )
                try await writer.write(request)
                start = end
            } while start < bytes.count
        }
    }

    /// How a source is doing.
    func state(of source: OfferSource) async throws -> SourceState {
        let states = try await sources.listSources(ListSourcesRequest()).sources
        return states.first { $0.source == source } ?? SourceState()
    }

    /// Sends `csv` as a file of communes.
    func importCommunes(_ csv: String) async throws -> ImportCommunesResponse {
        try await client.importCommunes { writer in
            try await writer.write(ImportCommunesRequest(csv: Array(csv.utf8)))
        }
    }

    /// The ids that a search finds, without their source.
    func found(_ request: SearchOffersRequest) async throws -> [String] {
        try await client.searchOffers(request).offers.map { offer in
            String(offer.id.drop { $0 != ":" }.dropFirst())
        }
    }

    /// The ids that a search for `words` finds, without their source.
    func found(_ words: String) async throws -> [String] {
        try await found(SearchOffersRequest(words: words))
    }

    /// The service's own feed entries of one kind.
    func feed<Body: ProtobufMessage>(_ kind: Body.Type) async throws -> [Body] {
        let page = try await database.changes(after: 0, limit: 1_000, kinds: [kind.fullName])
        return try page.changes.map { try Body(serializedBytes: $0.body) }
    }
}

/// A clock that shows what a test sets.
final class SettableClock: Sendable {
    private let state: Mutex<Timestamp>

    init(_ instant: Timestamp) {
        state = Mutex(instant)
    }

    var now: Timestamp { state.withLock { $0 } }

    func advance(days: Int, milliseconds: Int = 0) {
        state.withLock { $0 = $0 + .seconds(86_400 * days) + .milliseconds(milliseconds) }
    }
}

extension CallOptions {
    /// Calls for a person.
    static func by(_ caller: Caller) -> CallOptions {
        CallOptions(metadata: PersonHeaders.metadata(for: caller))
    }

    static let youngPerson = CallOptions.by(.youngPerson(OffersScene.youngPerson))
    static let counsellor = CallOptions.by(.counsellor(OffersScene.counsellor))
}

/// Runs `body` against the real service over the in-process transport, on an empty database whose
/// counsellor follows two young people in Paris; a third is another's.
func withOffers<Result>(_ body: (OffersScene) async throws -> Result) async throws -> Result {
    let database = try Database.inMemory(migrations: OffersSchema.migrations)
    try await follow(database)
    let clock = SettableClock(OffersScene.monday)
    let service = OffersService(database: database) { clock.now }
    let sources = OfferSourcesService(beside: service)
    return try await withInProcessServer([service, sources]) { client in
        let scene = OffersScene(
            database: database,
            clock: clock,
            client: OffersClient(client),
            sources: OfferSourcesClient(client)
        )
        return try await body(scene)
    }
}

/// Brings the caseload into the copy of `database`.
func follow(_ database: Database) async throws {
    let structure = Structure(id: "structure", name: "S", timeZone: "Europe/Paris")
    let followers = [
        (OffersScene.youngPerson, OffersScene.counsellor),
        (OffersScene.secondYoungPerson, OffersScene.counsellor),
        (OffersScene.othersYoungPerson, "00000000-0000-7000-8000-0000000000c2"),
    ]
    var bodies: [any ProtobufMessage] = [StructureChanged(structure: structure)]
    bodies += followers.map { id, counsellor in
        YoungPersonChanged(
            youngPerson: Person(
                id: id,
                role: .youngPerson,
                firstName: "A",
                lastName: "B",
                structure: structure,
                counsellorID: counsellor
            )
        )
    }
    let changes = try bodies.map { body in
        Change(kind: type(of: body).fullName, body: try body.serializedBytes())
    }
    try await database.write { transaction in
        for change in changes { try Caseload.apply(change, in: transaction) }
    }
}
