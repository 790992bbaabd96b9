import Foundation

/// Unpadded base64 in the alphabet that is safe in addresses and headers.
///
/// Source: RFC 4648 §5.
enum Base64URL {
    static func text(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// The bytes; `nil` for text that `text` never writes.
    static func bytes(_ text: Substring) -> [UInt8]? {
        guard !text.contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        var padded = text.replacing("-", with: "+").replacing("_", with: "/")
        while padded.utf8.count % 4 != 0 { padded.append("=") }
        return Data(base64Encoded: String(padded)).map(Array.init)
    }
}
