import Yams

/// What is wrong with a scenario file, and where.
public struct ScenarioFault: Error, CustomStringConvertible {
    /// The line, counted from 1; 0 if the whole file is meant.
    public let line: Int
    /// The field's path: `flows[0].steps[2].call`; empty if the whole file is meant.
    public let field: String
    /// What is wrong, and what would be right.
    public let fault: String

    /// `line 12: flows[0].steps[2].call: There is no method "Agenda/Book". …`.
    public var description: String {
        let place = field.isEmpty ? "" : "\(field): "
        return (line > 0 ? "line \(line): " : "") + place + fault
    }
}

/// A place in a scenario file that knows where it is.
struct ScenarioNode {
    private let node: Node
    let field: String
    let line: Int

    /// Reads a file.
    init(yaml: String) throws(ScenarioFault) {
        do {
            guard let root = try Yams.compose(yaml: yaml) else {
                throw ScenarioFault(line: 0, field: "", fault: "The file is empty.")
            }
            self.init(root, field: "", line: root.mark?.line ?? 1)
        } catch let fault as ScenarioFault {
            throw fault
        } catch {
            throw Self.fault(of: error)
        }
    }

    private init(_ node: Node, field: String, line: Int) {
        self.node = node
        self.field = field
        self.line = line
    }

    /// A fault of the file's form, with the parser's words.
    private static func fault(of error: any Error) -> ScenarioFault {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            ScenarioFault(line: mark.line, field: "", fault: "No YAML: \(problem).")
        case .duplicatedKeysInMapping(let keys, let context):
            ScenarioFault(
                line: context.mark.line,
                field: keys.joined(separator: ", "),
                fault: "Stands there twice."
            )
        default:
            ScenarioFault(line: 0, field: "", fault: "No YAML: \(error)")
        }
    }

    func fault(_ text: String) -> ScenarioFault {
        ScenarioFault(line: line, field: field, fault: text)
    }

    /// The members of a mapping; other names than `known` are refused.
    func members(_ known: [String]) throws(ScenarioFault) -> [String: ScenarioNode] {
        let members = try pairs()
        for (name, member) in members where !known.contains(name) {
            throw member.fault("Is not known here; known are \(known.joined(separator: ", ")).")
        }
        return Dictionary(uniqueKeysWithValues: members)
    }

    /// The members of a mapping in their order.
    func pairs() throws(ScenarioFault) -> [(String, ScenarioNode)] {
        guard case .mapping(let mapping) = node else { throw fault("Must be a mapping.") }
        var pairs: [(String, ScenarioNode)] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else { throw fault("Names must be plain.") }
            let field = field.isEmpty ? name : "\(field).\(name)"
            pairs.append((name, ScenarioNode(value, field: field, line: key.mark?.line ?? line)))
        }
        return pairs
    }

    /// The elements of a list.
    func elements() throws(ScenarioFault) -> [ScenarioNode] {
        guard case .sequence(let sequence) = node else { throw fault("Must be a list.") }
        return sequence.enumerated().map { position, element in
            ScenarioNode(element, field: "\(field)[\(position)]", line: element.mark?.line ?? line)
        }
    }

    func text() throws(ScenarioFault) -> String {
        guard let text = node.scalar?.string, !text.isEmpty else { throw fault("Must be a text.") }
        return text
    }

    /// A number in a range.
    func number(_ range: ClosedRange<Double>) throws(ScenarioFault) -> Double {
        guard let number = Double(try text()), range.contains(number) else {
            let (low, high) = (range.lowerBound.formattedShort, range.upperBound.formattedShort)
            throw fault("Must be a number of \(low) to \(high).")
        }
        return number
    }

    /// A whole number in a range.
    func integer(_ range: ClosedRange<Int>) throws(ScenarioFault) -> Int {
        guard let number = Int(try text()), range.contains(number) else {
            throw fault(
                "Must be a whole number of \(range.lowerBound) to \(range.upperBound)."
            )
        }
        return number
    }

    /// A span of time of at most a day.
    func duration() throws(ScenarioFault) -> Duration {
        guard let duration = TimeText.duration(try text()), duration >= .zero,
            duration <= Limits.durationMax
        else { throw fault("Must be a time of at most a day, as 500ms, 30s or 5m.") }
        return duration
    }

    /// One of the names of an enumeration.
    func oneOf<Value: RawRepresentable & CaseIterable>(
        _ type: Value.Type
    ) throws(ScenarioFault) -> Value where Value.RawValue == String {
        guard let value = Value(rawValue: try text()) else {
            let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault("Must be one of \(names).")
        }
        return value
    }

    /// The place as JSON: numbers as text, which protobuf's JSON takes for numbers too.
    func json() throws(ScenarioFault) -> String {
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            if isPlain, ["true", "false", "null"].contains(scalar.string) { return scalar.string }
            return "\"\(Self.escaped(scalar.string))\""
        case .mapping:
            var members: [String] = []
            for (name, member) in try pairs() {
                members.append("\"\(JSONEscape.text(name))\":\(try member.json())")
            }
            return "{\(members.joined(separator: ","))}"
        case .sequence:
            var elements: [String] = []
            for element in try self.elements() { elements.append(try element.json()) }
            return "[\(elements.joined(separator: ","))]"
        case .alias:
            throw fault("Must not be an alias.")
        }
    }

    /// Escapes text for JSON but leaves the places of templates as they are: they mean nothing
    /// escaped.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${"),
            let end = rest[start.upperBound...].firstIndex(of: "}")
        {
            escaped += JSONEscape.text(String(rest[..<start.lowerBound]))
            escaped += rest[start.lowerBound...end]
            rest = rest[rest.index(after: end)...]
        }
        return escaped + JSONEscape.text(String(rest))
    }
}
