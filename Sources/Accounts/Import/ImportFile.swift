/// Reads an import file piece by piece into checked lines.
struct ImportFile: Sendable {
    /// What was read so far.
    private(set) var lines: [ImportLine] = []
    /// What is wrong so far.
    private(set) var faults = ImportFaults()

    private var parser = CSVParser()
    private var header: ImportHeader?
    private var bytes = 0
    /// References repeat from line to line; each text is kept once.
    private var references: Set<String> = []

    /// Reads the next piece.
    ///
    /// - Throws: the refusal once no more faults can be told, or for a bad header;
    ///   `AccountsError.importTooLarge`.
    mutating func append(_ piece: [UInt8]) throws {
        bytes += piece.count
        guard bytes <= Limits.importBytesMax else { throw AccountsError.importTooLarge }
        // A copy, because what it hands on changes this value too.
        var parser = parser
        try parser.parse(piece) { try take($0) }
        self.parser = parser
    }

    /// Ends the file.
    ///
    /// - Throws: as `append`.
    mutating func finish() throws {
        var parser = parser
        try parser.finish { try take($0) }
        self.parser = parser
        if header == nil { faults.add(line: 1, "must be the header, which names the columns") }
    }

    private mutating func take(_ output: CSVParser.Output) throws {
        switch (output, header) {
        case (.fault(let line, let mend), let header):
            faults.add(line: line, mend)
            if header == nil { try faults.check() }
        case (.record(let record), nil):
            header = ImportHeader(record, &faults)
            // Without a good header no line can be judged.
            try faults.check()
        case (.record(let record), .some(let header)):
            try append(record, header)
        }
        if faults.isFull { try faults.check() }
    }

    private mutating func append(_ record: CSVRecord, _ header: ImportHeader) throws {
        guard lines.count < Limits.importLinesMax else { throw AccountsError.importTooLarge }
        guard record.fields.count == header.count else {
            faults.add(
                line: record.line,
                "has \(record.fields.count) fields, the header has \(header.count)"
            )
            return
        }
        guard let kind = ImportKind(rawValue: header.value(.kind, in: record.fields)) else {
            let kinds = ImportKind.allCases.map(\.rawValue).joined(separator: ", ")
            faults.add(line: record.line, field: "kind", "must be one of \(kinds)")
            return
        }
        var reader = LineReader(record: record, header: header)
        let line = reader.line(kind, &references)
        for (column, mend) in reader.faults {
            faults.add(line: record.line, field: column.rawValue, mend)
        }
        lines.append(line)
    }
}

/// Checks the fields of one line.
private struct LineReader {
    let record: CSVRecord
    let header: ImportHeader
    var faults: [(ImportColumn, String)] = []

    mutating func line(_ kind: ImportKind, _ references: inout Set<String>) -> ImportLine {
        for column in ImportColumn.unused(by: kind) where !value(column).isEmpty {
            faults.append((column, "must be empty on a line of kind \(kind.rawValue)"))
        }
        return ImportLine(number: record.line, id: id(), content: content(kind, &references))
    }

    private mutating func content(
        _ kind: ImportKind,
        _ references: inout Set<String>
    ) -> ImportLine.Content {
        switch kind {
        case .structure:
            return .structure(
                name: checked(.name, AccountFields.faultOfStructureName),
                timeZone: checked(.timeZone, AccountFields.faultOfTimeZone)
            )
        case .counsellor, .youngPerson:
            let isCounsellor = kind == .counsellor
            let structure = isCounsellor ? required(.structure) : value(.structure)
            let counsellor = isCounsellor ? "" : required(.counsellor)
            return .person(
                ImportedPerson(
                    role: isCounsellor ? .counsellor : .youngPerson,
                    firstName: checked(.firstName, AccountFields.faultOfName),
                    lastName: checked(.lastName, AccountFields.faultOfName),
                    email: checked(.email, AccountFields.faultOfEmail),
                    structure: references.insert(structure).memberAfterInsert,
                    counsellor: references.insert(counsellor).memberAfterInsert
                )
            )
        }
    }

    private func value(_ column: ImportColumn) -> String { header.value(column, in: record.fields) }

    private mutating func id() -> String? {
        let text = value(.id)
        guard !text.isEmpty else { return nil }
        if let id = ImportReference.id(text) { return id }
        faults.append((.id, "must be a UUID or empty"))
        return nil
    }

    private mutating func required(_ column: ImportColumn) -> String {
        let value = value(column)
        if value.isEmpty { faults.append((column, "must not be empty")) }
        return value
    }

    /// The field; empty if it is bad, so that it is compared with nothing.
    private mutating func checked(
        _ column: ImportColumn,
        _ fault: (String) -> String?
    ) -> String {
        let value = value(column)
        guard let mend = fault(value) else { return value }
        faults.append((column, mend))
        return ""
    }
}
