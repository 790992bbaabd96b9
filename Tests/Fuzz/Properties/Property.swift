import NIOCore

/// What must hold for every input, whoever made it.
enum Property: String, CaseIterable, Sendable {
    /// Bytes are cut into the same frames whatever pieces they come in, as a plain reading says.
    case frames
    /// Headers decode or not, as the generated codec says, and survive being written again.
    case headers
    /// Every message survives being written and read again.
    case messages
    /// A server's connection does with frames, handlers and time what a naive model says.
    case server
    /// A client's connection ends each call once and speaks of no other.
    case client

    /// Tries one input.
    ///
    /// - Throws: `PropertyFailure` if the property does not hold.
    func check(_ input: UnsafeRawBufferPointer) throws {
        switch self {
        case .frames: try checkFrames(input)
        case .headers: try checkHeaders(input)
        case .messages: try checkMessage(input)
        case .server:
            var server = ServerFrames(input)
            try server.run()
        case .client:
            var client = ClientFrames(input)
            try client.run()
        }
    }
}

/// A property does not hold.
struct PropertyFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Takes an input apart into choices; after its end all choices are 0.
struct Choices {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ input: UnsafeRawBufferPointer) { rest = input[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    /// A number from 0 to `end - 1`.
    mutating func below(_ end: Int) -> Int {
        end > 256 ? Int(UInt16(byte()) << 8 | UInt16(byte())) % end : Int(byte()) % end
    }

    /// Up to `count` bytes as they are.
    mutating func bytes(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
