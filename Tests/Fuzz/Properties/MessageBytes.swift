import NIOCore

@testable import Contracts
@testable import RPC

private let messages = RPCCatalogue.messages + ContractsCatalogue.messages

/// The first byte of the input chooses the message.
func checkMessage(_ input: UnsafeRawBufferPointer) throws {
    let type = messages[Int(input.first ?? 0) % messages.count]
    try check(type, Array(input.dropFirst()))
}

private func check<Message: ProtobufMessage>(_ type: Message.Type, _ bytes: [UInt8]) throws {
    guard let message = try? Message(serializedBytes: bytes) else { return }
    let written = try message.serializedBytes()
    var buffer = ByteBuffer()
    try message.encode(into: &buffer)
    guard Array(buffer.readableBytesView) == written else {
        throw PropertyFailure("\(Message.fullName) is written in two ways")
    }
    let again: Message
    do {
        again = try Message(serializedBytes: written)
    } catch {
        // Fields that nobody knows lent their share of memory to the others.
        guard written.count < bytes.count, error.mend.contains("memory") else { throw error }
        return
    }
    // By its bytes, since numbers may be such as do not equal themselves.
    guard try again.serializedBytes() == written else {
        throw PropertyFailure("\(Message.fullName) does not survive: \(message), then \(again)")
    }
}
