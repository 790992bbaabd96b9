/// Why the database could not be opened, read or written.
///
/// `description` is one line that says what to do; it never quotes stored values.
public enum StorageError: Error, Sendable, Equatable {
    // At start.

    /// The data directory cannot be made or entered.
    case directoryUnusable(path: String, reason: String)
    /// Another process has this database open.
    case inUse(path: String, processID: Int32?)
    /// A program that is not one of ours holds a lock on the file.
    case locked(path: String)
    /// The file is not a database, or part of it is destroyed.
    case damaged(path: String, detail: String)
    /// The file, its directory or its disk cannot be written to.
    case readOnly(path: String)
    /// A newer version of this program has changed the database.
    case newer(path: String, migration: String)
    /// The SQL of a migration is no longer what was run on this database.
    case migrationChanged(path: String, migration: String)
    /// A migration did not run; the database is as it was before it.
    case migrationFailed(migration: String, detail: String)
    /// The engine did not take a setting on which promises rest.
    case settingRefused(String)

    // At any time.

    /// No room is left on the disk; nothing of the write is stored.
    case diskFull(path: String)
    /// The disk or file system failed; nothing of the write is stored.
    case inputOutput(path: String, detail: String)
    /// Too many reads, writes or waiters are under way; nothing of this one was done.
    case busy(String)
    /// The database is closed or closing.
    case closed
    /// A constraint of the schema refused a write.
    case constraint(Constraint, detail: String)
    /// The engine refused a statement; its code and words.
    case statement(code: Int32, detail: String)
    /// A statement has no column of this name.
    case columnMissing(String)
    /// A column holds another kind of value than asked for.
    case columnMismatch(String, found: String)

    // The change feed.

    /// A position lies beyond the end of the feed, so it was not taken from this feed.
    case beyondFeed(position: UInt64, head: UInt64)
    /// A position in another service's feed has been applied already.
    case positionNotAhead(source: String, stored: UInt64, wanted: UInt64)

    /// The kinds of constraint of a schema.
    public enum Constraint: String, Sendable, Equatable {
        case unique
        case foreignKey
        case notNull
        case check
        case other
    }
}

extension StorageError: CustomStringConvertible {
    /// One line: what is wrong and what to do.
    public var description: String {
        switch self {
        case .directoryUnusable, .inUse, .locked, .damaged, .readOnly, .newer, .migrationChanged,
            .migrationFailed, .settingRefused:
            startDescription
        case .diskFull(let path):
            "No room is left on the disk of \(path): free some space. Nothing of the write was "
                + "stored."
        case .inputOutput(let path, let detail):
            "The disk of \(path) failed (\(detail)): check the disk and the system's log."
        case .busy(let what):
            "Too many \(what) are waiting for the database: try again shortly."
        case .closed:
            "The database is closed: the service is stopping."
        case .constraint(let kind, let detail):
            "A \(kind.rawValue) constraint refused the write (\(detail))."
        case .statement(let code, let detail):
            "The database refused a statement with code \(code) (\(detail))."
        case .columnMissing(let column):
            "The statement answers no column \"\(column)\"."
        case .columnMismatch(let column, let found):
            "Column \"\(column)\" holds \(found), which is not what was asked for."
        case .beyondFeed(let position, let head):
            "Position \(position) lies beyond the end of the feed, \(head): it comes from "
                + "another database. Start again from 0."
        case .positionNotAhead(let source, let stored, let wanted):
            "The position in the feed of \(source) is \(stored) already: \(wanted) is not "
                + "applied again."
        }
    }

    private var startDescription: String {
        switch self {
        case .directoryUnusable(let path, let reason):
            "The data directory \(path) cannot be used (\(reason)): name another, or give this "
                + "user the right to write there."
        case .inUse(let path, let processID):
            "\(path) is in use by \(processID.map { "process \($0)" } ?? "another process"): "
                + "stop that process, or name another data directory."
        case .locked(let path):
            "\(path) is locked by another program: close whatever has it open, then start again."
        case .damaged(let path, let detail):
            "\(path) is damaged (\(detail)): move it away and restore the last copy."
        case .readOnly(let path):
            "\(path) cannot be written to: give this user the right to write the file and its "
                + "directory, and check that the disk is not mounted read-only."
        case .newer(let path, let migration):
            "\(path) was changed by a newer version (\"\(migration)\"): start that version, or "
                + "restore a copy made by this one."
        case .migrationChanged(let path, let migration):
            "\(path) was made with another text of migration \"\(migration)\": start the version "
                + "that made it, or restore the migration's text."
        case .migrationFailed(let migration, let detail):
            "Migration \"\(migration)\" failed (\(detail)): nothing of it was kept; start the "
                + "version before and report this line."
        case .settingRefused(let setting):
            "The database engine refused \(setting), without which writes could be lost: use a "
                + "local file system."
        default: ""
        }
    }
}
