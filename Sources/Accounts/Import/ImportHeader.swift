/// Which column stands where.
struct ImportHeader: Sendable {
    /// How many columns each line has.
    let count: Int
    private let positions: [ImportColumn: Int]

    /// Reads the first record; what is wrong with it goes to `faults`.
    init(_ record: CSVRecord, _ faults: inout ImportFaults) {
        var positions: [ImportColumn: Int] = [:]
        for (position, name) in record.fields.enumerated() {
            guard let column = ImportColumn(rawValue: name) else {
                faults.add(line: record.line, field: Self.shown(name), Self.unknownColumnMend)
                continue
            }
            if positions.updateValue(position, forKey: column) != nil {
                faults.add(line: record.line, field: name, "stands in the header twice")
            }
        }
        if faults.isEmpty, positions[.kind] == nil {
            faults.add(line: record.line, field: "kind", "is missing in the header")
        }
        count = record.fields.count
        self.positions = positions
    }

    /// The field of a column; empty if the file does not have the column.
    func value(_ column: ImportColumn, in fields: [String]) -> String {
        guard let position = positions[column], position < fields.count else { return "" }
        return fields[position]
    }

    private static let unknownColumnMend =
        "is no column; known are "
        + ImportColumn.allCases.map(\.rawValue).joined(separator: ", ")

    /// The name as far as it can be shown: short, and without what would break a line.
    private static func shown(_ name: String) -> String {
        let visible = name.unicodeScalars.filter { $0.properties.generalCategory != .control }
        return String(String.UnicodeScalarView(visible.prefix(40)))
    }
}
