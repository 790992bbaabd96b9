/// A step that brings the schema forward: SQL, frozen once released.
///
/// Each runs once per database, in one transaction. Its text is kept in the database and compared at
/// each start, so that a changed text is refused instead of ignored.
public struct Migration: Sendable, Hashable {
    /// A name no other migration of the database has, `agenda-1-appointments`.
    public let name: String
    /// One or several statements.
    public let sql: String

    /// Names a step and gives its SQL.
    public init(_ name: String, _ sql: String) {
        self.name = name
        self.sql = sql
    }
}
