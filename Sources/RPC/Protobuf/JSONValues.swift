/// A number in JSON.
struct JSONScalar<Value: ProtobufScalar>: Codable {
    let value: Value

    init(value: Value) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        value = try Value(json: try decoder.singleValueContainer())
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try value.encode(json: &container)
    }
}

/// A value of an enumeration in JSON: its name, or its number if it has none.
struct JSONEnumeration<Value: ProtobufEnum>: Codable {
    let value: Value

    init(value: Value) {
        self.value = value
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int32.self) {
            value = Value(rawValue: number)
            return
        }
        let name = try container.decode(String.self)
        guard let known = Value(name: name) else {
            let names = Value.allCases.map(\.name).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "must be one of \(names)"
            )
        }
        value = known
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if Value(name: value.name) == value {
            try container.encode(value.name)
        } else {
            try container.encode(value.rawValue)
        }
    }
}

extension ProtobufScalar where Self: FixedWidthInteger & Codable {
    /// What an absent field holds.
    public static var zero: Self { 0 }

    /// Reads a number, or one written as a string.
    public init(json container: any SingleValueDecodingContainer) throws {
        let refusal = DecodingError.dataCorruptedError(
            in: container,
            debugDescription: "must be an integer from \(Self.min) to \(Self.max)"
        )
        guard let text = try? container.decode(String.self) else {
            do {
                self = try container.decode(Self.self)
            } catch let error as DecodingError {
                throw error
            } catch {
                // Foundation's own refusal of a number out of range does not say where it is.
                throw refusal
            }
            return
        }
        guard let number = Self(text) else { throw refusal }
        self = number
    }

    /// Writes a number; one of 64 bits as a string, as JavaScript's numbers lose its last digits.
    public func encode(json container: inout any SingleValueEncodingContainer) throws {
        if Self.bitWidth == 64 {
            try container.encode(String(self))
        } else {
            try container.encode(self)
        }
    }
}

extension Int32: ProtobufScalar {}
extension UInt32: ProtobufScalar {}
extension Int64: ProtobufScalar {}
extension UInt64: ProtobufScalar {}

extension ProtobufScalar where Self: BinaryFloatingPoint & LosslessStringConvertible & Codable {
    /// What an absent field holds.
    public static var zero: Self { 0 }

    /// Reads a number, or one written as a string: `"NaN"`, `"Infinity"`, `"-Infinity"`, `"1.5"`.
    public init(json container: any SingleValueDecodingContainer) throws {
        guard let text = try? container.decode(String.self) else {
            self = try container.decode(Self.self)
            return
        }
        switch text {
        case "NaN": self = .nan
        case "Infinity": self = .infinity
        case "-Infinity": self = -.infinity
        default:
            guard let number = Self(text), number.isFinite else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "must be a number, \"NaN\", \"Infinity\" or \"-Infinity\""
                )
            }
            self = number
        }
    }

    /// Writes a number, or the name of what JSON has no number for.
    public func encode(json container: inout any SingleValueEncodingContainer) throws {
        if isNaN {
            try container.encode("NaN")
        } else if isInfinite {
            try container.encode(self < 0 ? "-Infinity" : "Infinity")
        } else {
            try container.encode(self)
        }
    }
}

extension Float: ProtobufScalar {}
extension Double: ProtobufScalar {}
