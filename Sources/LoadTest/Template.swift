import ClientKit
import Foundation

/// Text with places that are filled anew for each call: `{"text":"${words:20}"}`.
public struct Template: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case text(String)
        case value(TemplateValue)
    }

    let parts: [Part]

    /// Reads a template.
    ///
    /// - Parameters:
    ///   - text: The text; `${` begins a place, `}` ends it.
    ///   - captured: Names that earlier answers give.
    /// - Throws: `TemplateFault` for a place that means nothing.
    public init(_ text: String, captured: Set<String> = []) throws(TemplateFault) {
        var parts: [Part] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            if start.lowerBound > rest.startIndex {
                parts.append(.text(String(rest[..<start.lowerBound])))
            }
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw TemplateFault("${\(rest[start.upperBound...].prefix(20))", "has no closing }")
            }
            let name = String(rest[start.upperBound..<end])
            parts.append(.value(try TemplateValue(name, captured: captured)))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// The captured values without which there is nothing to send.
    var captures: Set<String> {
        parts.reduce(into: []) { names, part in
            if case .value(.captured(let name)) = part { names.insert(name) }
        }
    }

    /// The text with every place filled, as part of a JSON document.
    ///
    /// Places stand inside quotes or, for numbers, outside; what they give is escaped for the
    /// former. A captured value that is not there gives nothing.
    func text(_ scene: inout Scene) -> String {
        var text = ""
        for part in parts {
            switch part {
            case .text(let piece): text += piece
            case .value(let value): text += value.text(&scene)
            }
        }
        return text
    }
}

/// A place of a template that means nothing.
public struct TemplateFault: Error, CustomStringConvertible {
    /// What is wrong, and what would be right.
    public let description: String

    init(_ place: String, _ fault: String) {
        description = "\(place) \(fault)."
    }
}

/// JSON's rules for text between quotes.
enum JSONEscape {
    static func text(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }) else {
            return value
        }
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
