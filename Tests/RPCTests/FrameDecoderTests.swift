import NIOCore
import NIOEmbedded
import NIOTestUtils
import Testing

@testable import RPC

/// The decoder under NIO's own verifier, and under bytes that mean harm.
@Suite struct FrameDecoderTests {
    @Test func framesComeOutHoweverTheBytesAreCut() throws {
        let pairs: [(ByteBuffer, [FrameEvent])] = [
            (
                frame(1, header: [1, 2, 3]),
                [.frame(Frame(type: .hello, header: ByteBuffer(bytes: [1, 2, 3])))]
            ),
            (
                frame(2, flags: 0x13, stream: 1, header: [9], payload: [1, 2, 3, 4]),
                [
                    .frame(
                        Frame(
                            type: .request,
                            flags: [.end, .message, .idempotent],
                            stream: 1,
                            header: ByteBuffer(bytes: [9]),
                            payload: ByteBuffer(bytes: [1, 2, 3, 4])
                        )
                    )
                ]
            ),
            (
                frame(4, flags: 1, stream: 3),
                [.frame(Frame(type: .message, flags: .end, stream: 3))]
            ),
            (
                frame(7, payload: [1, 2, 3, 4, 5, 6, 7, 8]),
                [.frame(Frame(type: .ping, payload: ByteBuffer(bytes: [1, 2, 3, 4, 5, 6, 7, 8])))]
            ),
            (
                frame(2, flags: 3, stream: 5, payload: Array(repeating: 1, count: 65)),
                [.oversize(.request, stream: 5)]
            ),
            (frame(8), [.frame(Frame(type: .drain))]),
        ]
        try ByteToMessageDecoderVerifier.verifyDecoder(inputOutputPairs: pairs) {
            FrameDecoder(payloadBytesMax: 64)
        }
    }

    @Test func extensionsAreSkippedHoweverTheBytesAreCut() {
        var bytes = frame(200, flags: 0xff, stream: 9, header: [1], payload: [2, 3])
        bytes.writeImmutableBuffer(frame(8))
        for cut in 0...bytes.readableBytes {
            #expect(events(bytes, cutAt: cut) == [.frame(Frame(type: .drain))])
        }
    }

    @Test func afterAFaultNothingComesOut() {
        var bytes = frame(11)
        bytes.writeImmutableBuffer(frame(8))
        #expect(events(bytes, cutAt: 3) == [.fault(.reservedType(11))])
    }

    @Test func theFirstByteDecidesForeignBytes() {
        for (start, word) in [
            ("\u{16}", "TLS"), ("GET /", "GET"), ("POST /x", "POST"), ("PRI * ", "HTTP/2"),
            ("SSH-2.0", "SSH"), ("\u{1}", "0x1"),
        ] {
            var decoder = FrameDecoder(payloadBytesMax: 64)
            var bytes = ByteBuffer(string: start)
            guard case .fault(.foreign(let guess)) = decoder.decode(buffer: &bytes) else {
                Issue.record("\(start) was taken for a frame")
                continue
            }
            #expect(guess.contains(word))
        }
    }

    @Test func anOversizeFrameIsToldOnItsHeadAndNeverBuffered() {
        var decoder = FrameDecoder(payloadBytesMax: 64)
        var head = ByteBuffer(integers: 8 + 1_000_000, type: 4, flags: 2, header: 0, stream: 1)
        #expect(decoder.decode(buffer: &head) == .oversize(.message, stream: 1))
        for _ in 0..<1000 {
            var more = ByteBuffer(repeating: 0xff, count: 1000)
            #expect(decoder.decode(buffer: &more) == nil)
            #expect(more.readableBytes == 0)
        }
        var next = frame(8)
        #expect(decoder.decode(buffer: &next) == .frame(Frame(type: .drain)))
    }

    @Test func payloadsShareTheMemoryTheyWereReadInto() {
        var input = FrameInput(payloadBytesMax: 64)
        let bytes = frame(2, flags: 3, stream: 1, payload: [1, 2, 3, 4])
        input.append(bytes, allocator: ByteBufferAllocator())
        guard case .frame(let frame)? = input.next() else {
            Issue.record("no frame")
            return
        }
        let whole = bytes.withUnsafeReadableBytes { $0.baseAddress }
        let slice = frame.payload.withUnsafeReadableBytes { $0.baseAddress }
        #expect(whole.map { $0 + 12 } == slice)
    }

    @Test func randomBytesNeverTrapAndNeverStall() {
        var random = SeededRandom(state: 7)
        for _ in 0..<2_000 {
            var input = FrameInput(payloadBytesMax: 256, awaitsHello: false)
            var found = 0
            for _ in 0..<8 {
                var bytes = ByteBuffer()
                // The first byte is 0 most of the time, or nothing but it would be tested.
                for index in 0..<40 {
                    let byte = UInt8.random(in: 0...255, using: &random)
                    bytes.writeInteger(index % 12 < 3 ? byte & 1 : byte & 0x8f)
                }
                input.append(bytes, allocator: ByteBufferAllocator())
                while input.next() != nil {
                    found += 1
                    #expect(found < 100)
                }
            }
        }
    }

    private func events(_ bytes: ByteBuffer, cutAt cut: Int) -> [FrameEvent] {
        var input = FrameInput(payloadBytesMax: 64, awaitsHello: false)
        var rest = bytes
        var events: [FrameEvent] = []
        for part in [rest.readSlice(length: cut), rest] {
            guard let part else { continue }
            input.append(part, allocator: ByteBufferAllocator())
            while let event = input.next() { events.append(event) }
        }
        return events
    }
}

/// A frame's bytes, with right lengths.
func frame(
    _ type: UInt8,
    flags: UInt8 = 0,
    stream: UInt32 = 0,
    header: [UInt8] = [],
    payload: [UInt8] = []
) -> ByteBuffer {
    var bytes = ByteBuffer(
        integers: UInt32(8 + header.count + payload.count),
        type: type,
        flags: flags,
        header: UInt16(header.count),
        stream: stream
    )
    bytes.writeBytes(header)
    bytes.writeBytes(payload)
    return bytes
}

/// Random numbers that are the same each time (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
