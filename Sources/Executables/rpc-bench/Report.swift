import Foundation

/// Named numbers, as lines for people or as one line of JSON.
struct Report {
    private var rows: [(name: String, value: Double, unit: String)] = []

    /// Adds a number; one that is not known is left out.
    mutating func add(_ name: String, _ value: Double?, _ unit: String = "") {
        guard let value, value.isFinite else { return }
        rows.append((name, value, unit))
    }

    func write(asJSON: Bool) {
        if asJSON {
            let fields = rows.map { row in "\"\(row.name)\":\(Self.text(row.value))" }
            return writeLine("{" + fields.joined(separator: ",") + "}")
        }
        for row in rows {
            let name = row.name.padding(toLength: 30, withPad: " ", startingAt: 0)
            writeLine("\(name) \(Self.text(row.value)) \(row.unit)")
        }
    }

    private static func text(_ value: Double) -> String {
        value >= 1000 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
    }
}
