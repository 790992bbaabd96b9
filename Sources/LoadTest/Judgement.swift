import Foundation

extension Summary {
    /// Notes for each condition whether it came true; what is about no step counts as true, since
    /// nobody knows better.
    public mutating func judge(failIf conditions: [Objective]) {
        objectives += conditions.map { condition in
            guard let value = value(of: condition) else {
                return Outcome(text: condition.text, measured: "nothing", isGood: false)
            }
            return Outcome(
                text: condition.text,
                measured: condition.shown(value),
                isGood: !condition.holds(for: value)
            )
        }
    }

    /// Notes the outcome of a search.
    public mutating func note(_ found: Ramp.Found, of kept: [Objective]) {
        ramp = found.steps
        let text = kept.map(\.text).joined(separator: ", ")
        let isOwn = found.steps.contains { !$0.isKept && $0.isGeneratorBehind }
        let atLeast = isOwn ? "at least " : ""
        let reason = isOwn ? "; beyond it the generator was behind" : ""
        objectives.insert(
            Outcome(
                text: "highest rate with \(text)",
                measured: found.rate.map { "\(atLeast)\(NumberText.short($0))/s\(reason)" }
                    ?? "none\(reason)",
                isGood: found.rate != nil
            ),
            at: 0
        )
    }

    /// The summary as a JSON file.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }

    /// Reads a JSON file.
    ///
    /// - Throws: `SummaryFault` if it is none of this layout.
    public init(json: String) throws(SummaryFault) {
        do {
            self = try JSONDecoder().decode(Summary.self, from: Data(json.utf8))
        } catch {
            throw SummaryFault(description: "is not a file that --json wrote")
        }
        guard format == Self.formatVersion else {
            throw SummaryFault(
                description: "has layout \(format); this program reads \(Self.formatVersion)"
            )
        }
    }
}

/// A file that is no summary.
public struct SummaryFault: Error, CustomStringConvertible {
    /// What is wrong with it, as the end of a sentence.
    public let description: String
}
