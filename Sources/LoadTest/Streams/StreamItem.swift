import Contracts
public import RPC

/// What an endless stream brought.
public struct StreamItem: Sendable, Equatable {
    /// Something that happened.
    public struct Change: Sendable, Hashable {
        /// The service in which it did.
        public let source: String
        /// Its position in that service's feed.
        public let sequence: UInt64
        /// When it did, in milliseconds since 1970 UTC.
        public let timeMs: Int64
    }

    /// Where to go on from behind this item.
    public let position: String
    /// What happened; none for a sign of life.
    public let changes: [Change]
}

/// Opens one of many streams and gives each item to `take` until it ends.
///
/// `number` tells which it is; `position` is the one behind which it starts, "" for what happens
/// from now on.
public typealias StreamOpening =
    @Sendable (
        _ number: Int,
        _ position: String,
        _ take: @escaping @Sendable (StreamItem) -> Void
    ) async throws -> Void

/// The endless streams of the system.
public enum EndlessStreams {
    /// A person's live events, through the gateway.
    ///
    /// - Parameters:
    ///   - client: The connection of a stream.
    ///   - metadata: What says whose stream it is.
    /// - Returns: What opens one.
    public static func live(
        _ client: @escaping @Sendable (Int) -> RPCClient,
        _ metadata: @escaping @Sendable (Int) -> Metadata
    ) -> StreamOpening {
        { number, position, take in
            try await LiveClient(client(number)).watch(
                WatchLiveRequest(cursor: position),
                options: CallOptions(metadata: metadata(number), retries: false)
            ) { events in
                for try await event in events {
                    let changes = event.change.map { change in
                        StreamItem.Change(
                            source: event.service,
                            sequence: change.sequence,
                            timeMs: change.timeMs
                        )
                    }
                    take(StreamItem(position: event.cursor, changes: changes.map { [$0] } ?? []))
                }
            }
        }
    }

    /// A service's change feed, as other services watch it.
    ///
    /// - Parameters:
    ///   - client: The connection of a stream.
    ///   - source: The service's name.
    /// - Returns: What opens one.
    public static func feed(
        _ client: @escaping @Sendable (Int) -> RPCClient,
        of source: String
    ) -> StreamOpening {
        { number, position, take in
            let feed = FeedClient(client(number))
            var after = UInt64(position) ?? 0
            if position.isEmpty { after = try await head(of: feed) }
            try await feed.watch(
                WatchFeedRequest(after: after),
                options: CallOptions(retries: false)
            ) { batches in
                for try await batch in batches {
                    let changes = batch.changes.map { change in
                        StreamItem.Change(
                            source: source,
                            sequence: change.sequence,
                            timeMs: change.timeMs
                        )
                    }
                    take(StreamItem(position: String(batch.through), changes: changes))
                }
            }
        }
    }

    private static func head(of feed: FeedClient) async throws -> UInt64 {
        // The first batch tells the head, whatever it holds.
        try await feed.watch(
            WatchFeedRequest(),
            options: CallOptions(timeout: Limits.callTimeout)
        ) { batches in
            for try await batch in batches { return batch.head }
            throw RPCError(.unavailable, "The feed ended before its first batch.")
        }
    }
}
