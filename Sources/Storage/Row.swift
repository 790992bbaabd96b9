/// One row of an answer: its columns by name.
///
/// Each accessor throws `StorageError.columnMissing` if the statement has no such column, and
/// `StorageError.columnMismatch` if the column holds another kind of value.
public struct Row: Sendable, Equatable {
    /// The names of the columns, in the statement's order.
    public let columns: [String]
    /// The values, in the statement's order.
    public let values: [SQLValue]

    init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of the leftmost column of that name, compared letter by letter.
    public func value(_ column: String) throws(StorageError) -> SQLValue {
        // A handful of short names: looking along them is quicker than hashing, and most that are not
        // meant are of another length.
        let length = column.utf8.count
        for index in columns.indices
        where columns[index].utf8.count == length && columns[index] == column {
            return values[index]
        }
        throw .columnMissing(column)
    }

    /// The whole number in a column.
    public func int(_ column: String) throws(StorageError) -> Int64 {
        guard let value = try optionalInt(column) else { throw mismatch(column, .null) }
        return value
    }

    /// The whole number in a column, none of which is negative.
    public func uint(_ column: String) throws(StorageError) -> UInt64 {
        guard let value = try optionalUint(column) else { throw mismatch(column, .null) }
        return value
    }

    /// The number in a column, whole or not.
    public func real(_ column: String) throws(StorageError) -> Double {
        guard let value = try optionalReal(column) else { throw mismatch(column, .null) }
        return value
    }

    /// The text in a column.
    public func text(_ column: String) throws(StorageError) -> String {
        guard let value = try optionalText(column) else { throw mismatch(column, .null) }
        return value
    }

    /// The bytes in a column.
    public func blob(_ column: String) throws(StorageError) -> [UInt8] {
        guard let value = try optionalBlob(column) else { throw mismatch(column, .null) }
        return value
    }

    /// Whether the whole number in a column is other than 0.
    public func bool(_ column: String) throws(StorageError) -> Bool {
        try int(column) != 0
    }

    /// The instant in a column of milliseconds.
    public func timestamp(_ column: String) throws(StorageError) -> Timestamp {
        Timestamp(milliseconds: try int(column))
    }
}

extension Row {
    /// The whole number in a column, `nil` for NULL.
    public func optionalInt(_ column: String) throws(StorageError) -> Int64? {
        switch try value(column) {
        case .integer(let number): number
        case .null: nil
        case let other: throw mismatch(column, other)
        }
    }

    /// The whole number in a column, none of which is negative; `nil` for NULL.
    public func optionalUint(_ column: String) throws(StorageError) -> UInt64? {
        guard let number = try optionalInt(column) else { return nil }
        guard number >= 0 else { throw .columnMismatch(column, found: "a negative number") }
        return UInt64(number)
    }

    /// The number in a column, whole or not; `nil` for NULL.
    public func optionalReal(_ column: String) throws(StorageError) -> Double? {
        switch try value(column) {
        case .real(let number): number
        case .integer(let number): Double(number)
        case .null: nil
        case let other: throw mismatch(column, other)
        }
    }

    /// The text in a column, `nil` for NULL.
    public func optionalText(_ column: String) throws(StorageError) -> String? {
        switch try value(column) {
        case .text(let text): text
        case .null: nil
        case let other: throw mismatch(column, other)
        }
    }

    /// The bytes in a column, `nil` for NULL.
    public func optionalBlob(_ column: String) throws(StorageError) -> [UInt8]? {
        switch try value(column) {
        case .blob(let bytes): bytes
        case .null: nil
        case let other: throw mismatch(column, other)
        }
    }

    /// Whether the whole number in a column is other than 0; `nil` for NULL.
    public func optionalBool(_ column: String) throws(StorageError) -> Bool? {
        try optionalInt(column).map { $0 != 0 }
    }

    /// The instant in a column of milliseconds, `nil` for NULL.
    public func optionalTimestamp(_ column: String) throws(StorageError) -> Timestamp? {
        try optionalInt(column).map { Timestamp(milliseconds: $0) }
    }

    private func mismatch(_ column: String, _ found: SQLValue) -> StorageError {
        .columnMismatch(column, found: found.kind)
    }
}
