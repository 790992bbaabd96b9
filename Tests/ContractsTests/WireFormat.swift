/// protobuf's wire format, written a second time so that tests do not trust what they test.
enum WireFormat {
    static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7f) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func tag(_ number: Int, _ wireType: UInt64) -> [UInt8] {
        varint(UInt64(number) << 3 | wireType)
    }

    /// A length-delimited field: text, bytes, a message, packed numbers.
    static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        tag(number, 2) + varint(UInt64(content.count)) + content
    }

    static func field(_ number: Int, _ text: String) -> [UInt8] {
        field(number, Array(text.utf8))
    }

    static func field(_ number: Int, varint value: UInt64) -> [UInt8] {
        tag(number, 0) + varint(value)
    }

    /// A field as it came: its number and its value.
    enum Value {
        case number(UInt64)
        case content([UInt8])
    }

    /// Splits a message into its fields; enough for descriptors, which hold no fixed-size numbers.
    static func fields(_ bytes: [UInt8]) -> [(number: Int, value: Value)] {
        var fields: [(number: Int, value: Value)] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let tag = readVarint(&rest)
            if tag & 7 == 0 {
                fields.append((Int(tag >> 3), .number(readVarint(&rest))))
            } else {
                let count = Int(readVarint(&rest))
                fields.append((Int(tag >> 3), .content(Array(rest.prefix(count)))))
                rest = rest.dropFirst(count)
            }
        }
        return fields
    }

    private static func readVarint(_ bytes: inout ArraySlice<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            value |= UInt64(byte & 0x7f) << shift
            shift += 7
            if byte < 0x80 { break }
        }
        return value
    }
}
