import GRDB

/// The connections to one database: one that writes, and those that read beside it.
struct Connections: Sendable {
    let writer: DatabaseQueue
    /// In memory there is but the writer, which then reads as well.
    let readers: [DatabaseQueue]
}
