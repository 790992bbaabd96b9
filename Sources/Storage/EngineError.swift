import GRDB

extension StorageError {
    /// What an error of the engine means to us.
    init(_ error: DatabaseError, path: String) {
        let detail = error.message ?? "no detail"
        switch error.resultCode {
        case .SQLITE_FULL:
            self = .diskFull(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            self = .damaged(path: path, detail: detail)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self = .readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL:
            self = .locked(path: path)
        case .SQLITE_IOERR, .SQLITE_NOLFS, .SQLITE_NOMEM:
            self = .inputOutput(path: path, detail: detail)
        case .SQLITE_CANTOPEN:
            self = .directoryUnusable(path: path, reason: detail)
        case .SQLITE_CONSTRAINT:
            self = .constraint(Constraint(error.extendedResultCode), detail: detail)
        default:
            self = .statement(code: error.extendedResultCode.rawValue, detail: detail)
        }
    }
}

extension StorageError.Constraint {
    init(_ code: ResultCode) {
        switch code {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
            self = .unique
        case .SQLITE_CONSTRAINT_FOREIGNKEY: self = .foreignKey
        case .SQLITE_CONSTRAINT_NOTNULL: self = .notNull
        case .SQLITE_CONSTRAINT_CHECK: self = .check
        default: self = .other
        }
    }
}
