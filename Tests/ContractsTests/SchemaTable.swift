@testable import Contracts
@testable import RPC

/// The fields of every message, read from the descriptors that the modules carry along.
struct SchemaTable {
    struct Field {
        var name = ""
        var number = 0
        /// Number of `FieldDescriptorProto.Type`.
        var type = 0
        var isRepeated = false
        var typeName = ""
        var oneof: Int?
    }

    private(set) var messages: [String: [Field]] = [:]
    /// All files, imports before importers.
    let files: [[UInt8]]

    static let all = SchemaTable(RPCFiles.all + ContractsFiles.all)

    private init(_ files: [[UInt8]]) {
        self.files = files
        for file in files {
            let fields = WireFormat.fields(file)
            let package = fields.texts(2).first ?? ""
            for message in fields.contents(4) { add(message, in: package) }
        }
    }

    private mutating func add(_ message: [UInt8], in scope: String) {
        let parts = WireFormat.fields(message)
        let name = "\(scope).\(parts.texts(1).first ?? "")"
        messages[name] = parts.contents(2).map { bytes in
            let parts = WireFormat.fields(bytes)
            return Field(
                name: parts.texts(1).first ?? "",
                number: parts.numbers(3).first ?? 0,
                type: parts.numbers(5).first ?? 0,
                isRepeated: parts.numbers(4).first == 3,
                typeName: String((parts.texts(6).first ?? "").dropFirst()),
                oneof: parts.numbers(9).first
            )
        }
        for nested in parts.contents(3) { add(nested, in: name) }
    }

    /// A serialised message as protobuf-c writes it, with every field set; of each oneof the member
    /// at `choice`.
    ///
    /// `seed` makes the values differ from one another.
    func sample(_ name: String, choice: Int = 0, seed: inout UInt64) -> [UInt8] {
        let fields = (messages[name] ?? []).sorted { $0.number < $1.number }
        let chosen = fields.filter { field in
            guard let oneof = field.oneof else { return true }
            let members = fields.filter { $0.oneof == oneof }
            return members[choice % members.count].number == field.number
        }
        return chosen.flatMap { sample($0, choice, &seed) }
    }

    private func sample(_ field: Field, _ choice: Int, _ seed: inout UInt64) -> [UInt8] {
        let values = (0..<(field.isRepeated ? 3 : 1)).map { _ in value(field, choice, &seed) }
        let isLengthDelimited = [9, 11, 12].contains(field.type)
        if field.isRepeated, !isLengthDelimited {
            return WireFormat.field(field.number, values.flatMap { $0 })
        }
        return values.flatMap { value in
            switch field.type {
            case 9, 11, 12: WireFormat.field(field.number, value)
            case 1, 6, 16: WireFormat.tag(field.number, 1) + value
            case 2, 7, 15: WireFormat.tag(field.number, 5) + value
            default: WireFormat.tag(field.number, 0) + value
            }
        }
    }

    private func value(_ field: Field, _ choice: Int, _ seed: inout UInt64) -> [UInt8] {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let number = (seed >> 33) | 1
        switch field.type {
        case 1: return bytes(Double(number).bitPattern, 8)
        case 2: return bytes(UInt64(Float(number).bitPattern), 4)
        case 3, 4: return WireFormat.varint(seed | 1)
        case 5, 13: return WireFormat.varint(number)
        case 6, 16: return bytes(seed | 1, 8)
        case 7, 15: return bytes(number, 4)
        case 8: return [1]
        case 9: return Array("é😀 \(field.name) \(number)\n".utf8)
        case 11: return sample(field.typeName, choice: choice, seed: &seed)
        case 12: return [0, 0xff] + bytes(seed, 8)
        default: return WireFormat.varint(1)
        }
    }

    private func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
}

extension [(number: Int, value: WireFormat.Value)] {
    func contents(_ number: Int) -> [[UInt8]] {
        compactMap { field in
            if field.number == number, case .content(let bytes) = field.value { bytes } else { nil }
        }
    }

    func texts(_ number: Int) -> [String] {
        contents(number).map { String(decoding: $0, as: UTF8.self) }
    }

    func numbers(_ number: Int) -> [Int] {
        compactMap { field in
            if field.number == number, case .number(let value) = field.value {
                Int(value)
            } else {
                nil
            }
        }
    }
}

/// One serialised message of every type, and of every member of its oneofs.
enum Samples {
    struct Sample {
        let type: any ProtobufMessage.Type
        let bytes: [UInt8]
    }

    static let all: [Sample] = {
        var seed: UInt64 = 42
        return (RPCCatalogue.messages + ContractsCatalogue.messages).flatMap { type in
            (0..<2).map { choice in
                Sample(
                    type: type,
                    bytes: SchemaTable.all.sample(type.fullName, choice: choice, seed: &seed)
                )
            }
        }
    }()
}
