import NIOCore

@testable import RPC

/// A rule that a simulated run has broken.
struct Violation: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The naive model: what both ends did and saw of every call, noted without slots, phases or windows.
///
/// The ends report to it; it says when something does not add up.
final class Ledger {
    /// How a call ended for its caller.
    enum Ending: Hashable {
        case answered(UInt32, isNotProcessed: Bool)
        case cancelled
        case expired
        case lost(isNotProcessed: Bool)
    }

    /// What the server wrote as its last word.
    struct Answer {
        let type: FrameType
        let code: UInt32
        let isNotProcessed: Bool
        let message: Int?
    }

    struct Call {
        let plan: CallPlan
        var id: UInt32 = 0
        var requestsSent = 0
        var saidEnd = false
        var starts = 0
        var isRunning = false
        var requestsRead = 0
        var answer: Answer?
        var responsesSent = 0
        var responsesRead = 0
        var ending: Ending?
        /// What may still be sent, seen from the sender, and what is on its way back to it.
        var toServer = 0
        var toClient = 0
        var creditsToServer: [Int] = []
        var creditsToClient: [Int] = []
    }

    private(set) var calls: [Call] = []
    private var callOfID: [UInt32: Int] = [:]

    subscript(_ call: Int) -> Call {
        get { calls[call] }
        _modify { yield &calls[call] }
    }

    /// The ways in which calls have ended.
    var endings: Set<Ending> { Set(calls.compactMap(\.ending)) }

    /// A call is made.
    func add(_ plan: CallPlan, id: UInt32, toServer: Int) -> Int {
        var call = Call(plan: plan)
        call.id = id
        call.toServer = toServer
        calls.append(call)
        callOfID[id] = calls.count - 1
        return calls.count - 1
    }

    func call(_ id: UInt32) throws -> Int {
        guard let call = callOfID[id] else { throw Violation("nobody opened stream \(id)") }
        return call
    }

    /// The bytes of a message: they tell call, direction and place.
    static func payload(_ call: Int, _ place: Int, fromServer: Bool, size: Int) -> ByteBuffer {
        let stamp = UInt64(call) << 32 | UInt64(place) << 1 | (fromServer ? 1 : 0)
        var random = SeededRandom(seed: stamp)
        let word = random.next()
        var bytes = ByteBuffer()
        bytes.reserveCapacity(size + 8)
        for _ in 0..<min(size / 8 + 1, 4) { bytes.writeInteger(word) }
        if size > bytes.readableBytes {
            bytes.writeRepeatingByte(UInt8(truncatingIfNeeded: word), count: size - 32)
        }
        bytes.moveWriterIndex(to: size)
        return bytes
    }

    /// The handler of a call starts.
    func started(_ call: Int, first: ByteBuffer?, isEnded: Bool, window: Int) throws {
        let plan = calls[call].plan
        calls[call].starts += 1
        calls[call].isRunning = true
        calls[call].toClient = window
        guard calls[call].starts == 1 else { throw Violation("call \(call) started twice") }
        if case .lost(isNotProcessed: true) = calls[call].ending {
            throw Violation("call \(call) started after it was lost as NOT_PROCESSED")
        }
        guard plan.firstInRequest == (first != nil) else {
            throw Violation("call \(call) lost or won the message of its REQUEST")
        }
        let endsAtOnce =
            plan.endsWithLast && plan.requests.count == 1 && plan.firstInRequest
        guard isEnded == endsAtOnce else { throw Violation("call \(call) has END wrong") }
    }

    /// The handler took the next message.
    func handlerRead(_ call: Int, _ payload: ByteBuffer) throws {
        let place = calls[call].requestsRead
        guard place < calls[call].requestsSent else {
            throw Violation("call \(call): the handler read more than was sent")
        }
        let size = calls[call].plan.requests[place]
        guard payload == Self.payload(call, place, fromServer: false, size: size) else {
            throw Violation("call \(call): request \(place) came changed or out of order")
        }
        calls[call].requestsRead += 1
    }

    /// The handler learned that no message is left.
    func handlerSawEnd(_ call: Int) throws {
        let record = calls[call]
        guard record.saidEnd, record.requestsRead == record.plan.requests.count else {
            throw Violation("call \(call): the handler saw an end that was none")
        }
    }

    /// The caller took the next message.
    func callerRead(_ call: Int, _ payload: ByteBuffer) throws {
        let place = calls[call].responsesRead
        let sizes = calls[call].plan.responses
        var size = place < calls[call].responsesSent ? sizes[place] : nil
        if place == calls[call].responsesSent { size = calls[call].answer?.message }
        guard let size else {
            throw Violation("call \(call): the caller read more than was sent")
        }
        guard payload == Self.payload(call, place, fromServer: true, size: size) else {
            throw Violation("call \(call): response \(place) came changed or out of order")
        }
        calls[call].responsesRead += 1
    }

    /// The server writes its last word on a call.
    func answers(_ call: Int, _ answer: Answer) throws {
        guard calls[call].answer == nil else { throw Violation("call \(call) is answered twice") }
        if answer.isNotProcessed, calls[call].starts > 0, !calls[call].plan.isRefused {
            throw Violation("call \(call): NOT_PROCESSED, and its handler had started")
        }
        calls[call].answer = answer
    }

    /// The call ends for its caller.
    func ended(_ call: Int, _ ending: Ending) throws {
        guard calls[call].ending == nil else { throw Violation("call \(call) ended twice") }
        calls[call].ending = ending
        switch ending {
        case .cancelled, .expired, .lost(isNotProcessed: false): break
        case .lost(isNotProcessed: true):
            guard calls[call].starts == 0 else {
                throw Violation("call \(call): lost as NOT_PROCESSED, and its handler had started")
            }
        case .answered(let code, let isNotProcessed):
            guard let answer = calls[call].answer, answer.code == code,
                answer.isNotProcessed == isNotProcessed
            else { throw Violation("call \(call) ended with \(code), which the server never said") }
        }
    }

    /// All is over: every call has ended, and what had to arrive did.
    func close() throws {
        for (number, call) in calls.enumerated() {
            guard let ending = call.ending else { throw Violation("call \(number) never ended") }
            guard !call.isRunning else {
                throw Violation("call \(number): its handler never ended")
            }
            guard case .answered = ending else { continue }
            let last = call.answer?.message == nil ? 0 : 1
            guard call.responsesRead == call.responsesSent + last else {
                throw Violation(
                    "call \(number): \(call.responsesRead) of "
                        + "\(call.responsesSent + last) responses arrived"
                )
            }
        }
    }
}
