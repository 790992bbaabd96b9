import Contracts

/// Reads a file of communes that comes in pieces.
///
/// One line per commune and postal code, in UTF-8, below the header. Collects the bad lines
/// instead of stopping at the first, up to `OfferLimits.faultsMax`.
struct CommuneCSV {
    private static let header = "insee,name,postal_code,department,region,lat,lon,population"

    private(set) var communes: [Commune] = []
    private(set) var faults: [CommuneFault] = []
    private var line: UInt32 = 0
    private var rest: [UInt8] = []
    private var isLineTooLong = false
    private var keys: Set<String> = []

    /// Takes the next piece of the file.
    mutating func push(_ piece: [UInt8]) {
        var start = 0
        while let end = piece[start...].firstIndex(of: 0x0A) {
            rest.append(contentsOf: piece[start..<end])
            endLine()
            start = end + 1
        }
        if rest.count + piece.count - start > OfferLimits.communeLineBytesMax {
            isLineTooLong = true
            rest = []
        } else {
            rest.append(contentsOf: piece[start...])
        }
    }

    /// Says that the file ends here.
    mutating func finish() {
        if !rest.isEmpty || isLineTooLong { endLine() }
        if line == 0 { fault("header", "must be \(Self.header); the file is empty") }
        if line > 0, communes.isEmpty, faults.isEmpty {
            fault("insee", "must be there: no line holds a commune")
        }
    }

    private mutating func endLine() {
        line += 1
        defer {
            rest.removeAll(keepingCapacity: true)
            isLineTooLong = false
        }
        guard !isLineTooLong, rest.count <= OfferLimits.communeLineBytesMax else {
            return fault("line", "must be at most \(OfferLimits.communeLineBytesMax) bytes")
        }
        if rest.last == 0x0D { rest.removeLast() }
        guard var text = String(validating: rest, as: UTF8.self) else {
            return fault("line", "must be UTF-8")
        }
        if line == 1 {
            if text.hasPrefix("\u{FEFF}") { text.unicodeScalars.removeFirst() }
            if text != Self.header { fault("header", "must be \(Self.header)") }
            return
        }
        if text.isEmpty { return }
        add(Self.fields(text))
    }

    private mutating func fault(_ field: String, _ mend: String) {
        guard faults.count < OfferLimits.faultsMax else { return }
        faults.append(CommuneFault(line: line, field: field, mend: mend))
    }

    private mutating func add(_ fields: [String]) {
        guard fields.count == 8 else {
            return fault("line", "must have 8 fields, not \(fields.count)")
        }
        guard Self.isINSEE(fields[0]) else { return fault("insee", "must be like 51454 or 2A004") }
        guard !fields[1].isEmpty, fields[1].utf8.count <= OfferLimits.labelBytesMax,
            !fields[1].unicodeScalars.contains(where: { $0.value < 0x20 })
        else { return fault("name", "must be a name") }
        guard Self.isDigits(fields[2], 5) else { return fault("postal_code", "must be 5 digits") }
        guard Department.isCode(fields[3]) else {
            return fault("department", "must be like 51, 2A or 974")
        }
        guard let latitude = Double(fields[5]), (-90...90).contains(latitude) else {
            return fault("lat", "must be degrees from -90 to 90")
        }
        guard let longitude = Double(fields[6]), (-180...180).contains(longitude) else {
            return fault("lon", "must be degrees from -180 to 180")
        }
        guard let population = Int(fields[7]), (0...100_000_000).contains(population) else {
            return fault("population", "must be a whole number")
        }
        guard keys.insert("\(fields[0]) \(fields[2])").inserted else {
            return fault("insee", "must be there once with each postal code")
        }
        guard communes.count < OfferLimits.communesMax else {
            return fault("line", "must not be there: at most \(OfferLimits.communesMax) communes")
        }
        communes.append(
            Commune(
                insee: fields[0],
                name: fields[1],
                postalCode: fields[2],
                department: fields[3],
                point: Point(latitude: latitude, longitude: longitude),
                population: population
            )
        )
    }

    /// Fields parted by commas; a field may stand in quotes, a quote in it is doubled.
    private static func fields(_ line: String) -> [String] {
        var fields = [""]
        var isQuoted = false
        var lastWasQuote = false
        for character in line {
            if character == "\"" {
                if lastWasQuote, !isQuoted { fields[fields.count - 1].append(character) }
                isQuoted.toggle()
                lastWasQuote = !isQuoted
                continue
            }
            lastWasQuote = false
            if character == ",", !isQuoted {
                fields.append("")
            } else {
                fields[fields.count - 1].append(character)
            }
        }
        return fields
    }

    private static func isINSEE(_ text: String) -> Bool {
        isDigits(text, 5)
            || ((text.hasPrefix("2A") || text.hasPrefix("2B")) && isDigits(text.dropFirst(2), 3))
    }

    private static func isDigits(_ text: some StringProtocol, _ count: Int) -> Bool {
        text.utf8.count == count && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
