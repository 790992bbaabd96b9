/// An entry of the change feed: something that happened, written in the transaction that made it so.
public struct StoredChange: Sendable, Equatable {
    /// The place in the feed: the first is 1, each next one higher, without gap.
    public let sequence: UInt64
    /// When it happened.
    public let at: Timestamp
    /// What happened: the full name of the message in `body`.
    public let kind: String
    /// The young person it concerns; empty if none.
    public let youngPersonID: String
    /// The counsellor it concerns; empty if none.
    public let counsellorID: String
    /// The serialised message.
    public let body: [UInt8]

    /// Creates an entry, as a reader of another service's feed does.
    public init(
        sequence: UInt64,
        at: Timestamp,
        kind: String,
        youngPersonID: String,
        counsellorID: String,
        body: [UInt8]
    ) {
        self.sequence = sequence
        self.at = at
        self.kind = kind
        self.youngPersonID = youngPersonID
        self.counsellorID = counsellorID
        self.body = body
    }
}

/// A stretch of the change feed.
public struct ChangePage: Sendable, Equatable {
    /// The matching entries, in order.
    public let changes: [StoredChange]
    /// No matching entry at or below this place is missing: a reader's next position, also when
    /// nothing matched.
    public let lookedThrough: UInt64
    /// The last entry of the feed, matching or not, when the page was read.
    public let head: UInt64

    /// Whether the page reaches the end of the feed as it was.
    public var isAtHead: Bool { lookedThrough >= head }
}

/// Which entries of the feed a reader wants.
struct ChangeFilter: Sendable, Equatable {
    /// Empty: all kinds.
    var kinds: Set<String> = []
    var youngPersonID: String?
    var counsellorID: String?

    func matches(
        kind: String,
        youngPersonID person: String,
        counsellorID counsellor: String
    ) -> Bool {
        (kinds.isEmpty || kinds.contains(kind))
            && (youngPersonID.map { $0 == person } ?? true)
            && (counsellorID.map { $0 == counsellor } ?? true)
    }
}
