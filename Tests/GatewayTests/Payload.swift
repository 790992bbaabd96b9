import Foundation

// The buffers of RPC's raw methods belong to a module that these tests do not import; they are made
// and read through their `Codable` form, which is base64 text.

/// The bytes of a raw payload.
func bytes(of payload: some Encodable) throws -> [UInt8] {
    let text = try JSONDecoder().decode(String.self, from: JSONEncoder().encode(payload))
    return Array(Data(base64Encoded: text) ?? Data())
}

/// A raw payload of these bytes.
func payload<Buffer: Decodable>(_ bytes: [UInt8]) throws -> Buffer {
    let text = try JSONEncoder().encode(Data(bytes).base64EncodedString())
    return try JSONDecoder().decode(Buffer.self, from: text)
}
