import NIOCore

@testable import RPC

/// What came out of bytes, without the words that depend on how many of them were there.
private enum Cut: Equatable {
    case frame(Frame)
    case oversize(FrameType, UInt32)
    case fault

    init(_ event: FrameEvent) {
        switch event {
        case .frame(let frame): self = .frame(frame)
        case .oversize(let type, let stream): self = .oversize(type, stream)
        case .fault: self = .fault
        }
    }
}

/// Small, so that short inputs get above it.
private let payloadBytesMax = 300

/// A frame that is always right, since the first one is held to other rules.
private let hello: [UInt8] = [0, 0, 0, 8, 1, 0, 0, 0, 0, 0, 0, 0]

/// The first byte of the input chooses the pieces.
func checkFrames(_ input: UnsafeRawBufferPointer) throws {
    let seed = Int(input.first ?? 0)
    let bytes = hello + input.dropFirst()
    let expected = cut(bytes)
    let whole = decode([bytes])
    guard whole == expected else { throw PropertyFailure("\(whole), not \(expected)") }
    var pieces: [[UInt8]] = []
    var start = 0
    var step = seed
    while start < bytes.count {
        step = (step * 7 + 3) % 61
        let end = min(bytes.count, start + 1 + step)
        pieces.append(Array(bytes[start..<end]))
        start = end
    }
    let pieced = decode(pieces)
    guard pieced == expected else {
        throw PropertyFailure("in pieces \(pieced), not \(expected)")
    }
}

private func decode(_ pieces: [[UInt8]]) -> [Cut] {
    var input = FrameInput(payloadBytesMax: payloadBytesMax)
    var cuts: [Cut] = []
    for piece in pieces {
        input.append(ByteBuffer(bytes: piece), allocator: ByteBufferAllocator())
        while let event = input.next() { cuts.append(Cut(event)) }
    }
    return cuts
}

/// The same, read off the protocol's page.
private func cut(_ bytes: [UInt8]) -> [Cut] {
    var rest = bytes[...]
    var cuts: [Cut] = []
    while let first = rest.first {
        guard first == 0 else { return cuts + [.fault] }
        let head = Array(rest.prefix(12))
        guard head.count == 12 else { return cuts }
        let length = head[0..<4].reduce(0) { $0 << 8 | Int($1) }
        let flags = head[5]
        let headerLength = Int(head[6]) << 8 | Int(head[7])
        let stream = head[8..<12].reduce(0) { $0 << 8 | UInt32($1) }
        guard length >= 8, headerLength <= length - 8 else { return cuts + [.fault] }
        let payloadLength = length - 8 - headerLength
        guard let type = FrameType(rawValue: head[4]) else {
            guard head[4] >= 128 else { return cuts + [.fault] }
            rest = rest.dropFirst(4 + length)
            continue
        }
        let (isForStream, allowed, size) = rules(type)
        guard flags & ~allowed == 0, isForStream == (stream > 0),
            size == nil || size == payloadLength
        else { return cuts + [.fault] }
        if headerLength > 16 * 1024 || payloadLength > payloadBytesMax {
            guard isForStream else { return cuts + [.fault] }
            cuts.append(.oversize(type, stream))
        } else {
            guard rest.count >= 4 + length else { return cuts }
            let header = rest.dropFirst(12).prefix(headerLength)
            let payload = rest.dropFirst(12 + headerLength).prefix(payloadLength)
            cuts.append(
                .frame(
                    Frame(
                        type: type,
                        flags: FrameFlags(rawValue: flags),
                        stream: stream,
                        header: ByteBuffer(bytes: header),
                        payload: ByteBuffer(bytes: payload)
                    )
                )
            )
        }
        rest = rest.dropFirst(4 + length)
    }
    return cuts
}

/// The table of section 2: whether a type is for streams, its flags, its payload's size.
func rules(_ type: FrameType) -> (isForStream: Bool, flags: UInt8, payload: Int?) {
    switch type {
    case .hello: (false, 0, 0)
    case .request: (true, 0x13, nil)
    case .response: (true, 0x06, nil)
    case .message: (true, 0x03, nil)
    case .reset: (true, 0x04, 0)
    case .credit: (true, 0, 4)
    case .ping: (false, 0x08, 8)
    case .drain: (false, 0x08, 0)
    case .goAway: (false, 0, 0)
    }
}
