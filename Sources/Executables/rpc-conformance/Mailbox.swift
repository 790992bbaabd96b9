import NIOCore

/// What the server has sent and no step has asked for yet, and whether it kept to the rules.
struct Mailbox {
    /// Frames by stream; a stream's frames are in order, streams are independent of each other.
    private var frames: [UInt32: CircularBuffer<RawFrame>] = [:]
    private var unreadBytes = 0
    /// Why no more comes; `nil` while more may.
    private(set) var ending: String?
    /// The rule that the server broke.
    private(set) var fault: String?
    private(set) var isReady = false

    /// The highest stream that this side has opened.
    private(set) var highestStream: UInt32 = 0
    private var opened: Set<UInt32> = []
    private var answered: Set<UInt32> = []
    private var reset: Set<UInt32> = []

    /// What the server announced.
    private var window = Bounds.windowDefault
    private(set) var streamsMax = 256
    /// What this side announced.
    private var ownWindow = Bounds.windowDefault
    /// By stream: what may still be sent, what the server has given back, what it may still send,
    /// and what a step took and was not given back.
    private var toSend: [UInt32: Int] = [:]
    private var returned: [UInt32: Int] = [:]
    private var toReceive: [UInt32: Int] = [:]
    private var taken: [UInt32: Int] = [:]

    /// The handshake is done.
    mutating func ready() { isReady = true }

    mutating func end(_ reason: String) { ending = ending ?? reason }

    mutating func breaks(_ rule: String) { fault = fault ?? rule }

    /// This side announces its window.
    mutating func announce(window: Int) { ownWindow = window }

    /// This side sends a frame.
    mutating func sent(_ frame: RawFrame) {
        switch frame.type {
        case FrameName.request:
            opened.insert(frame.stream)
            highestStream = max(highestStream, frame.stream)
            toSend[frame.stream] = window
            toReceive[frame.stream] = ownWindow
        case FrameName.message: toSend[frame.stream, default: 0] -= frame.payload.count
        case FrameName.reset: reset.insert(frame.stream)
        default: break
        }
    }

    /// Credit that is still there for `stream`.
    func credit(_ stream: UInt32) -> Int { toSend[stream] ?? 0 }

    /// Credit that the server has given back for `stream`.
    func returnedCredit(_ stream: UInt32) -> Int { returned[stream] ?? 0 }

    /// The next frame of a stream.
    mutating func take(_ stream: UInt32) -> RawFrame? {
        guard let frame = frames[stream]?.popFirst() else { return nil }
        unreadBytes -= frame.payload.count + frame.header.count
        return frame
    }

    /// The next frame of a stream, which stays.
    func peek(_ stream: UInt32) -> RawFrame? { frames[stream]?.first }

    /// A step took a message.
    ///
    /// - Returns: The credit to give back for it now.
    mutating func consume(_ frame: RawFrame) -> Int {
        guard frame.type == FrameName.message, !answered.contains(frame.stream) else { return 0 }
        let bytes = taken[frame.stream, default: 0] + frame.payload.count
        guard bytes > 0, bytes * 2 >= ownWindow else {
            taken[frame.stream] = bytes
            return 0
        }
        taken[frame.stream] = 0
        toReceive[frame.stream, default: 0] += bytes
        return bytes
    }

    /// A frame came.
    ///
    /// - Returns: The frame to answer with at once.
    mutating func receive(_ frame: RawFrame) -> RawFrame? {
        if let fault = frame.fault { breaks(fault) }
        if frame.type >= 128 { return nil }
        if frame.stream > 0, !opened.contains(frame.stream) {
            breaks("sent \(frame.name) on stream \(frame.stream), which was never opened")
        }
        guard !reset.contains(frame.stream) else { return nil }
        if answered.contains(frame.stream) {
            breaks("sent \(frame.name) on stream \(frame.stream), which had ended")
        }
        switch frame.type {
        case FrameName.ping where frame.flags & FlagName.ack == 0:
            return RawFrame(type: FrameName.ping, flags: FlagName.ack, payload: frame.payload)
        case FrameName.hello: greeted(frame)
        case FrameName.credit:
            receiveCredit(frame)
            return nil
        case FrameName.message: receiveMessage(frame)
        case FrameName.response, FrameName.reset: answered.insert(frame.stream)
        default: break
        }
        unreadBytes += frame.payload.count + frame.header.count
        if unreadBytes > Bounds.unreadBytes { breaks("sent more than \(Bounds.unreadBytes) bytes") }
        frames[frame.stream, default: CircularBuffer()].append(frame)
        return nil
    }

    private mutating func greeted(_ frame: RawFrame) {
        guard let hello = try? Shape.hello.decode(frame.header) else {
            return breaks("sent a HELLO that does not decode")
        }
        if hello.number("magic") != 0x5041_5353 { breaks("sent HELLO with another magic number") }
        if hello.number("version") != 1 { breaks("sent HELLO of another version") }
        let window = Int(clamping: hello.number("stream_window_bytes"))
        if window > 0 { self.window = window }
        let streams = Int(clamping: hello.number("max_streams"))
        if streams > 0 { streamsMax = streams }
    }

    private mutating func receiveCredit(_ frame: RawFrame) {
        let bytes = frame.payload.reduce(0) { $0 << 8 | Int($1) }
        if bytes == 0 { breaks("sent CREDIT of nothing") }
        returned[frame.stream, default: 0] += bytes
        toSend[frame.stream, default: 0] += bytes
    }

    private mutating func receiveMessage(_ frame: RawFrame) {
        if toReceive[frame.stream] ?? 0 <= 0 {
            breaks("sent a message on stream \(frame.stream) without credit")
        }
        toReceive[frame.stream, default: 0] -= frame.payload.count
    }
}
