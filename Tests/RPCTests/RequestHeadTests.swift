import NIOCore
import Testing

@testable import RPC

/// The header codec on the way of every call, against the generated one.
@Suite struct RequestHeadTests {
    @Test func itReadsWhatTheGeneratedCodecWrites() throws {
        let header = WireRequestHeader(
            path: "passemploi.agenda.v1.Agenda/BookAppointment",
            timeoutUs: 10_000_000,
            traceContext: Array(1...25),
            attempt: 3,
            metadata: [
                WireMetadata(key: "person-id", value: Array("abc".utf8)),
                WireMetadata(key: "empty", value: []),
            ]
        )
        let head = try RequestHead(decoding: ByteBuffer(bytes: try header.serializedBytes()))
        #expect(String(buffer: head.path) == header.path)
        #expect(head.timeoutMicroseconds == header.timeoutUs)
        #expect(head.traceContext == header.traceContext)
        #expect(head.attempt == 3)
        #expect(head.metadata == ["person-id": "abc", "empty": ""])
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, UInt64.max])
    func theGeneratedCodecReadsWhatItWrites(timeout: UInt64) throws {
        var buffer = ByteBuffer()
        let metadata: Metadata = ["a": "", "b": String(repeating: "x", count: 300)]
        buffer.writeRequestHead(path: "a.B/C", timeoutMicroseconds: timeout, metadata: metadata)
        let header = try WireRequestHeader(decoding: buffer)
        #expect(header.path == "a.B/C")
        #expect(header.timeoutUs == timeout)
        #expect(header.metadata.map(\.key) == ["a", "b"])
        #expect(header.metadata.map(\.value.count) == [0, 300])
    }

    @Test func unknownFieldsAreSkipped() throws {
        var bytes: [UInt8] = [0x7d, 1, 2, 3, 4]
        bytes += [0x79, 1, 2, 3, 4, 5, 6, 7, 8]
        bytes += [0x78, 0xff, 0x01]
        bytes += [0x7a, 2, 9, 9]
        bytes += [0x0a, 1, 0x61]
        let head = try RequestHead(decoding: ByteBuffer(bytes: bytes))
        #expect(String(buffer: head.path) == "a")
    }

    @Test(
        arguments: [
            [0x00], [0x0b], [0x0a], [0x0a, 2, 0x61], [0x10], [0x08, 1], [0x2a, 1, 0x0a],
            [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            [0x2a, 3, 0x0a, 1, 0x41], [0x2a, 2, 0x12, 0], [0x7d, 1, 2, 3],
        ] as [[UInt8]]
    )
    func whatIsNoHeaderIsRefused(bytes: [UInt8]) {
        #expect(throws: DecodingFault.self) { try RequestHead(decoding: ByteBuffer(bytes: bytes)) }
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(state: 11)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...24, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try? RequestHead(decoding: ByteBuffer(bytes: bytes))
        }
    }

    @Test func aStatusComesBackAsItWas() throws {
        let error = RPCError(
            .unavailable,
            "Plus tard.",
            details: [RPCError.Detail(type: "a.B", value: [1, 2])],
            retryAfter: .milliseconds(1500),
            isNotProcessed: true,
            metadata: ["k": "v"]
        )
        let back = try RPCError.decode(
            ByteBuffer(bytes: error.statusHeader()),
            isNotProcessed: true
        )
        #expect(back == error)
    }

    @Test func aStatusTooLargeForAHeaderLosesItsDetailsNotItsCode() throws {
        let error = RPCError(
            .aborted,
            String(repeating: "x\0", count: 20_000),
            details: [RPCError.Detail(type: "a.B", value: Array(repeating: 0, count: 20_000))]
        )
        let back = try #require(try RPCError.decode(ByteBuffer(bytes: error.statusHeader())))
        #expect(back.code == .aborted)
        #expect(back.message == String(repeating: "x", count: 1000))
        #expect(back.details.isEmpty)
    }
}
