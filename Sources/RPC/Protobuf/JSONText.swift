import FoundationEssentials

extension ProtobufMessage {
    /// Reads a message from protobuf's JSON.
    ///
    /// - Throws: `DecodingFault` that names the field at fault.
    public init(jsonString: String) throws(DecodingFault) {
        try self.init(jsonBytes: Array(jsonString.utf8))
    }

    /// Reads a message from protobuf's JSON in UTF-8.
    ///
    /// - Throws: `DecodingFault` that names the field at fault.
    public init(jsonBytes: [UInt8]) throws(DecodingFault) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(jsonBytes))
        } catch let error as DecodingError {
            throw DecodingFault(error)
        } catch {
            throw DecodingFault(mend: "is not valid JSON")
        }
    }

    /// The message in protobuf's JSON, on one line, names in alphabetical order.
    ///
    /// - Throws: `EncodingFault`; no message made by the generator is known to cause it.
    public func jsonString() throws(EncodingFault) -> String {
        String(decoding: try jsonBytes(), as: UTF8.self)
    }

    /// The message in protobuf's JSON in UTF-8, on one line, names in alphabetical order.
    ///
    /// - Throws: `EncodingFault`; no message made by the generator is known to cause it.
    public func jsonBytes() throws(EncodingFault) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(self))
        } catch {
            throw EncodingFault(mend: "cannot be written as JSON")
        }
    }
}

extension DecodingFault {
    /// Says what the JSON decoder found, and where.
    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(let type, let context):
            let expected = Self.expectation(type)
            self.init(field: Self.path(context.codingPath), mend: "must be \(expected)")
        case .valueNotFound(_, let context):
            self.init(field: Self.path(context.codingPath), mend: "must not be null")
        case .keyNotFound(_, let context):
            self.init(field: Self.path(context.codingPath), mend: "is incomplete")
        case .dataCorrupted(let context):
            // Our own refusals read as the end of a sentence; Foundation's own do not.
            let isOurs = context.debugDescription.first?.isLowercase ?? false
            let path = Self.path(context.codingPath)
            if isOurs {
                self.init(field: path, mend: context.debugDescription)
            } else if path.isEmpty {
                self.init(mend: "is not valid JSON")
            } else {
                self.init(field: path, mend: "is out of range or malformed")
            }
        @unknown default:
            self.init(mend: "is not valid JSON")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var path = ""
        for key in keys {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return path
    }

    /// What a reader of JSON would call the type.
    private static func expectation(_ type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is any FixedWidthInteger.Type: "an integer"
        case is any BinaryFloatingPoint.Type: "a number"
        case is [Any].Type: "an array"
        default: "an object"
        }
    }
}

/// Bytes in JSON: base64; both alphabets are read, with and without padding.
struct JSONBytes: Codable {
    let value: [UInt8]

    init(value: [UInt8]) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        var text = try container.decode(String.self)
        text.replace("-", with: "+")
        text.replace("_", with: "/")
        while text.hasSuffix("=") { text.removeLast() }
        text += String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "must be base64"
            )
        }
        value = Array(data)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(value).base64EncodedString())
    }
}
