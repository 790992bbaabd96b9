import GRDB
import GRDBSQLite

/// A statement compiled on one connection: arguments in, rows out.
///
/// Between `begin` and `end` it stands on a row after each `step` that answers `true`.
final class CompiledStatement {
    /// Whether it changes nothing.
    let isReadonly: Bool
    /// Whether it is being stepped through.
    private(set) var isInUse = false
    /// The names of the columns, in order.
    private(set) lazy var columns = (0..<columnCount).map { index in
        sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
    }

    private let connection: OpaquePointer
    private let statement: OpaquePointer
    private let columnCount: Int32
    private let argumentCount: Int

    /// Compiles the one statement of a text.
    ///
    /// - Throws: `DatabaseError` if it is none, more than one, or wrong.
    init(_ sql: String, on connection: OpaquePointer) throws {
        var compiled: OpaquePointer?
        let (code, isAlone) = sql.withCString { start in
            var rest: UnsafePointer<CChar>?
            let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
            let code = sqlite3_prepare_v3(connection, start, -1, flags, &compiled, &rest)
            return (code, rest.map(Self.isBlank) ?? true)
        }
        guard code == SQLITE_OK else { throw Self.error(code, connection) }
        guard let compiled else {
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "there is no statement")
        }
        guard isAlone else {
            sqlite3_finalize(compiled)
            throw DatabaseError(resultCode: .SQLITE_MISUSE, message: "more than one statement")
        }
        self.connection = connection
        statement = compiled
        isReadonly = sqlite3_stmt_readonly(compiled) != 0
        columnCount = sqlite3_column_count(compiled)
        argumentCount = Int(sqlite3_bind_parameter_count(compiled))
    }

    deinit {
        sqlite3_finalize(statement)
    }

    /// Binds the arguments; SQLite copies them.
    ///
    /// - Throws: `DatabaseError` if there are more or fewer than places, or one is too large.
    func begin(_ arguments: [SQLValue]) throws {
        guard arguments.count == argumentCount else {
            throw DatabaseError(
                resultCode: .SQLITE_MISUSE,
                message: "\(arguments.count) arguments for \(argumentCount) places"
            )
        }
        var place: Int32 = 0
        for argument in arguments {
            place += 1
            let code = bind(argument, at: place)
            guard code == SQLITE_OK else { throw Self.error(code, connection) }
        }
        isInUse = true
    }

    /// Goes on to the next row; `false` if there is none.
    ///
    /// - Throws: `DatabaseError`.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw Self.error(code, connection)
        }
    }

    /// Lets go of the row and its locks.
    func end() {
        // What it answers is the error of the last step, which is known.
        sqlite3_reset(statement)
        isInUse = false
    }

    /// The row it stands on.
    ///
    /// - Throws: `DatabaseError` if memory is short.
    func row() throws -> Row {
        var values: [SQLValue] = []
        values.reserveCapacity(Int(columnCount))
        for index in 0..<columnCount { values.append(try value(index)) }
        return Row(columns: columns, values: values)
    }

    /// One column of the row it stands on, counted from 0.
    ///
    /// - Throws: `DatabaseError` if memory is short.
    func value(_ index: Int32) throws -> SQLValue {
        switch sqlite3_column_type(statement, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, index))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(statement, index) else {
                throw Self.error(SQLITE_NOMEM, connection)
            }
            let count = Int(sqlite3_column_bytes(statement, index))
            let bytes = UnsafeBufferPointer(start: start, count: count)
            return .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            // Without bytes there is no pointer.
            let start = sqlite3_column_blob(statement, index)
            let count = start == nil ? 0 : Int(sqlite3_column_bytes(statement, index))
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }

    private func bind(_ argument: SQLValue, at place: Int32) -> Int32 {
        switch argument {
        case .null: return sqlite3_bind_null(statement, place)
        case .integer(let number): return sqlite3_bind_int64(statement, place, number)
        case .real(let number): return sqlite3_bind_double(statement, place, number)
        case .text(var text):
            // Without bytes there may be no pointer, which SQLite would take for NULL.
            guard !text.isEmpty else {
                return sqlite3_bind_text(statement, place, "", 0, Self.copied)
            }
            return text.withUTF8 { bytes in
                bytes.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text64(
                        statement,
                        place,
                        characters.baseAddress,
                        UInt64(characters.count),
                        Self.copied,
                        UInt8(SQLITE_UTF8)
                    )
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, place, 0) }
            return bytes.withUnsafeBytes { bytes in
                sqlite3_bind_blob64(
                    statement,
                    place,
                    bytes.baseAddress,
                    UInt64(bytes.count),
                    Self.copied
                )
            }
        }
    }

    /// SQLITE_TRANSIENT, a macro that Swift does not see.
    ///
    /// Safety: SQLite compares the value and never calls it.
    /// Source: https://www.sqlite.org/c3ref/c_static.html
    private static var copied: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    /// Whether nothing but white space and semicolons is left of a text.
    private static func isBlank(_ text: UnsafePointer<CChar>) -> Bool {
        var place = text
        while place.pointee != 0 {
            let byte = UInt8(bitPattern: place.pointee)
            guard byte == UInt8(ascii: ";") || Unicode.Scalar(byte).properties.isWhitespace else {
                return false
            }
            place += 1
        }
        return true
    }

    private static func error(_ code: Int32, _ connection: OpaquePointer) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_errmsg(connection).map { String(cString: $0) }
        )
    }
}
