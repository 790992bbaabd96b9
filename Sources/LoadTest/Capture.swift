import ClientKit
import Foundation

/// Where in an answer a value stands that later steps use: `messages[0].id`, `offers[?].id`.
///
/// Names may be written as in the schema or as in JSON. `[?]` takes any one of a list.
struct Capture: Sendable, Equatable {
    enum Part: Sendable, Equatable {
        case name(String)
        case index(Int)
        case any
    }

    let name: String
    let path: [Part]

    /// Reads a path; `nil` if it is none.
    init?(name: String, path text: String) {
        var path: [Part] = []
        for piece in text.split(separator: ".", omittingEmptySubsequences: false) {
            let field = piece.prefix { $0 != "[" }
            guard !field.isEmpty else { return nil }
            path.append(.name(Self.jsonName(field)))
            var rest = piece.dropFirst(field.count)
            while !rest.isEmpty {
                guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
                let inner = rest[rest.index(after: rest.startIndex)..<end]
                if inner == "?" {
                    path.append(.any)
                } else if let index = Int(inner), index >= 0 {
                    path.append(.index(index))
                } else {
                    return nil
                }
                rest = rest[rest.index(after: end)...]
            }
        }
        self.name = name
        self.path = path
    }

    /// The JSON name by protobuf's rule: `youngPersonId` for `young_person_id`.
    private static func jsonName(_ name: Substring) -> String {
        var parts = name.split(separator: "_").map(String.init)
        for index in parts.indices.dropFirst() { parts[index] = parts[index].capitalized }
        return parts.joined()
    }

    /// The value in an answer; `nil` if it is not there.
    func value(in answer: JSONValue, _ random: inout SeededGenerator) -> String? {
        var value = answer
        for part in path {
            switch (part, value) {
            case (.name(let name), .object(let members)):
                guard let member = members[name] else { return nil }
                value = member
            case (.index(let index), .array(let elements)):
                guard elements.indices.contains(index) else { return nil }
                value = elements[index]
            case (.any, .array(let elements)):
                guard !elements.isEmpty else { return nil }
                value = elements[random.below(elements.count)]
            default: return nil
            }
        }
        switch value {
        case .text(let text): return text
        case .number(let number): return NumberText.decimals(number, 0)
        case .bool(let bool): return String(bool)
        case .object, .array, .null: return nil
        }
    }
}

/// A JSON document.
enum JSONValue: Sendable, Equatable, Decodable {
    case object([String: JSONValue])
    case array([JSONValue])
    case text(String)
    case number(Double)
    case bool(Bool)
    case null

    /// Reads any document.
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let members = try? container.decode([String: JSONValue].self) {
            self = .object(members)
        } else if let elements = try? container.decode([JSONValue].self) {
            self = .array(elements)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .null
        }
    }

    /// Reads a message's JSON.
    init(json: String) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    }
}
