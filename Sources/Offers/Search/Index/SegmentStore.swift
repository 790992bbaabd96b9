import Storage

/// The only reader and writer of the tables `search_segment` and `search_gone`.
enum SegmentStore {
    /// What the tables hold.
    struct Loaded: Sendable {
        var segments: [LivingSegment] = []
        /// Whether a blob is of another version or not what it was when written.
        var isDamaged = false
    }

    /// All segments, oldest first.
    static func all(in queries: some Queries) throws -> Loaded {
        var loaded = Loaded()
        try queries.forEachRow(
            "SELECT first_doc, data FROM search_segment ORDER BY first_doc"
        ) { row in
            let firstDoc = UInt32(truncatingIfNeeded: try row.int("first_doc"))
            if let segment = Segment(try row.blob("data"), firstDoc: firstDoc) {
                loaded.segments.append(LivingSegment(segment))
            } else {
                loaded.isDamaged = true
            }
        }
        if loaded.isDamaged { return loaded }
        var index = 0
        try queries.forEachRow("SELECT doc FROM search_gone ORDER BY doc") { row in
            let doc = UInt32(truncatingIfNeeded: try row.int("doc"))
            while index + 1 < loaded.segments.count,
                loaded.segments[index + 1].segment.firstDoc <= doc
            {
                index += 1
            }
            guard index < loaded.segments.count,
                let local = loaded.segments[index].segment.local(of: doc)
            else { return }
            loaded.segments[index].drop(local)
        }
        return loaded
    }

    /// The number for the next offer that is indexed: none is used twice.
    static func nextDoc(in queries: some Queries) throws -> UInt32 {
        let row = try queries.row(
            "SELECT last_doc FROM search_segment ORDER BY first_doc DESC LIMIT 1"
        )
        return UInt32(truncatingIfNeeded: try row?.int("last_doc") ?? 0) + 1
    }

    /// Stores a segment of `count` offers.
    static func add(
        _ bytes: [UInt8],
        firstDoc: UInt32,
        count: Int,
        in transaction: Transaction
    ) throws {
        let lastDoc = Int64(firstDoc) + Int64(count) - 1
        try transaction.execute(
            "INSERT INTO search_segment (first_doc, last_doc, data) VALUES (?, ?, ?)",
            [.integer(Int64(firstDoc)), .integer(lastDoc), .blob(bytes)]
        )
    }

    /// Notes that searches are to find an offer no more.
    static func drop(_ doc: UInt32, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO search_gone (doc) VALUES (?)",
            [.integer(Int64(doc))]
        )
    }

    /// Stores one segment in the place of `parts`, and forgets what went from them before it was
    /// made.
    static func replace(
        _ parts: [LivingSegment],
        with bytes: [UInt8],
        in transaction: Transaction
    ) throws {
        var lastDoc: Int64 = 0
        for part in parts {
            let firstDoc = SQLValue.integer(Int64(part.segment.firstDoc))
            let row = try transaction.row(
                "SELECT last_doc FROM search_segment WHERE first_doc = ?",
                [firstDoc]
            )
            lastDoc = try row?.int("last_doc") ?? lastDoc
            try transaction.execute("DELETE FROM search_segment WHERE first_doc = ?", [firstDoc])
            for local in 0..<part.segment.documentCount where !part.isLiving(local) {
                let doc = SQLValue.integer(Int64(part.segment.doc(local)))
                try transaction.execute("DELETE FROM search_gone WHERE doc = ?", [doc])
            }
        }
        try transaction.execute(
            "INSERT INTO search_segment (first_doc, last_doc, data) VALUES (?, ?, ?)",
            [.integer(Int64(parts[0].segment.firstDoc)), .integer(lastDoc), .blob(bytes)]
        )
    }

    /// Forgets the whole index: all offers wait to be indexed anew.
    static func reset(in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM search_segment")
        try transaction.execute("DELETE FROM search_gone")
        try transaction.execute("DELETE FROM offer_document")
        try transaction.execute("UPDATE offer SET doc = 0 WHERE doc > 0")
    }
}
