/// Finds the offers in a file that comes in pieces of any size.
///
/// Takes one object a line, an array of objects, and the answers of the four sources, also several
/// of these one after the other. Holds no more than one offer at a time.
///
/// An object that is too long, too deep or broken is told as a fault and the next one is looked
/// for: after a broken line, at the next line. A broken array or answer ends the reading, because
/// what follows cannot be trusted to be an offer.
struct OfferSplitter {
    /// What was found.
    enum Event: Equatable {
        /// The bytes of one object, the line it began on, and the name of the answer's list it came
        /// from (empty outside of answers).
        case offer(bytes: [UInt8], line: Int, collection: String)
        /// Something that could not be read.
        case fault(line: Int, reason: String)
    }

    private enum Phase {
        /// Between documents.
        case between
        /// Inside a document.
        case inside
        /// Ignoring the rest of a broken line.
        case skippingLine
        /// Ignoring the rest of the file.
        case stopped
    }

    private enum Document {
        /// An object that is an offer unless it turns out to be an answer.
        case object
        case answer
        case array
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var phase = Phase.between
    private var document = Document.object
    private var grammar = JSONGrammar()
    private var layout = AnswerLayout()
    private var offset = 0
    private var line = 1
    /// Whether only white space came before on this line.
    private var isLineStart = true
    /// Whether a document began and ended on this line.
    private var endedOnThisLine = false
    /// Whether the file has one object a line: then a line's end is an object's end.
    private var isLineByLine = false

    /// The depth outside of the object being captured; `nil` while none is.
    private var captureDepth: Int?
    private var captureLine = 1
    private var captureStart = 0
    private var captured: [UInt8] = []
    private var isTooLong = false

    /// Whether the end of the file is missing or could not be read.
    private(set) var isCutShort = false

    /// Bytes held of an offer that is not complete yet.
    var capturedBytes: Int { captured.count }

    /// Takes the next piece; answers what it completed.
    mutating func push(_ piece: [UInt8]) -> [Event] {
        var events: [Event] = []
        var index = 0
        captureStart = 0
        while index < piece.count, phase != .stopped {
            if phase == .inside, grammar.isInString {
                index = skipString(piece, from: index)
                guard index < piece.count else { break }
            }
            if take(piece, at: index, &events) { index += 1 }
        }
        keep(piece, upTo: piece.count)
        offset += piece.count
        return events
    }

    /// Says that the file ends here; answers what is left to tell.
    mutating func finish() -> [Event] {
        guard phase == .inside else { return [] }
        phase = .stopped
        isCutShort = true
        if document == .object {
            return [.fault(line: captureLine, reason: "The file ends inside this offer.")]
        }
        return [.fault(line: line, reason: "The file ends too early.")]
    }

    /// Moves to the byte of a string that the grammar must see: a quote, a backslash, a line's end.
    private mutating func skipString(_ piece: [UInt8], from start: Int) -> Int {
        var index = start
        while index < piece.count {
            let byte = piece[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x0A { break }
            index += 1
        }
        if grammar.isInKey { layout.appendKey(piece[start..<index]) }
        return index
    }

    /// Takes one byte; answers whether it is done with it.
    private mutating func take(_ piece: [UInt8], at index: Int, _ events: inout [Event]) -> Bool {
        let byte = piece[index]
        let isBreak = byte == 0x0A
        defer {
            if isBreak { startLine() } else if byte != 0x20, byte != 0x09 { isLineStart = false }
        }
        switch phase {
        case .stopped: return true
        case .skippingLine:
            if isBreak { phase = .between }
            return true
        case .between:
            beginDocument(byte, at: index, &events)
            return true
        case .inside:
            if isBreak, isLineByLine, document == .object {
                return fail("ends its line inside the offer", byte, at: index, &events)
            }
            switch grammar.step(byte) {
            case .within: return true
            case .fault(let reason): return fail(reason, byte, at: index, &events)
            case .keyBegan: layout.beginKey(depth: grammar.depth)
            case .keyEnded: break
            case .scalarBegan: noteScalar()
            case .opened(let isObject): opened(isObject: isObject, at: index)
            case .closed: closed(piece, at: index, &events)
            }
            return true
        }
    }

    private mutating func startLine() {
        line += 1
        isLineStart = true
        if endedOnThisLine { isLineByLine = true }
        endedOnThisLine = false
    }

    private mutating func beginDocument(_ byte: UInt8, at index: Int, _ events: inout [Event]) {
        switch byte {
        case 0x20, 0x09, 0x0A, 0x0D: return
        case _ where offset + index < 3 && byte == Self.byteOrderMark[offset + index]: return
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            grammar = JSONGrammar()
            layout = AnswerLayout()
            phase = .inside
            _ = grammar.step(byte)
            document = byte == UInt8(ascii: "[") ? .array : .object
            if document == .array {
                layout.listDepth = 1
            } else {
                beginCapture(depth: 0, at: index)
            }
        default:
            events.append(.fault(line: line, reason: "The line does not begin with { or [."))
            phase = .skippingLine
        }
    }

    private mutating func opened(isObject: Bool, at index: Int) {
        let depth = grammar.depth
        if document == .object, depth == 2 {
            guard layout.marksAnswer(isObject: isObject) else { return }
            document = .answer
            captureDepth = nil
            captured = []
        }
        guard captureDepth == nil else { return }
        if isObject, layout.isOffer(parentDepth: depth - 1) {
            beginCapture(depth: depth - 1, at: index)
        } else {
            layout.opened(isObject: isObject, depth: depth)
        }
    }

    private mutating func noteScalar() {
        if document == .object, grammar.depth == 1, layout.marksAnswerByItself {
            document = .answer
            captureDepth = nil
            captured = []
        }
    }

    private mutating func beginCapture(depth: Int, at index: Int) {
        captureDepth = depth
        captureLine = line
        captureStart = index
        captured.removeAll(keepingCapacity: true)
        isTooLong = false
        grammar.wentTooDeep = false
    }

    private mutating func closed(_ piece: [UInt8], at index: Int, _ events: inout [Event]) {
        layout.closed(depth: grammar.depth)
        if captureDepth == grammar.depth {
            keep(piece, upTo: index + 1)
            captureDepth = nil
            events.append(completed())
        }
        if grammar.depth == 0 {
            phase = .between
            endedOnThisLine = document == .object && captureLine == line
        }
    }

    private mutating func completed() -> Event {
        if isTooLong {
            let limit = OfferLimits.offerBytesMax / 1024
            return .fault(line: captureLine, reason: "The offer is longer than \(limit) KiB.")
        }
        if grammar.wentTooDeep {
            let limit = OfferLimits.nestingMax
            return .fault(
                line: captureLine,
                reason: "The offer is nested deeper than \(limit) levels."
            )
        }
        defer { captured = [] }
        return .offer(bytes: captured, line: captureLine, collection: layout.collection)
    }

    /// Appends what came of the captured object up to `end`, unless it got too long.
    private mutating func keep(_ piece: [UInt8], upTo end: Int) {
        guard captureDepth != nil, !isTooLong else { return }
        if captured.count + end - captureStart > OfferLimits.offerBytesMax {
            isTooLong = true
            captured = []
        } else {
            captured.append(contentsOf: piece[captureStart..<end])
        }
        captureStart = end
    }

    /// Tells a fault and finds where to read on; answers whether `byte` is done with.
    private mutating func fail(
        _ reason: String,
        _ byte: UInt8,
        at index: Int,
        _ events: inout [Event]
    ) -> Bool {
        guard document == .object else {
            let text = "The JSON \(reason); nothing is read from here on, what came before is kept."
            events.append(.fault(line: line, reason: text))
            phase = .stopped
            isCutShort = true
            captureDepth = nil
            captured = []
            return true
        }
        events.append(.fault(line: captureLine, reason: "The JSON \(reason)."))
        captureDepth = nil
        captured = []
        if byte == UInt8(ascii: "{"), isLineStart, line > captureLine {
            phase = .between
            return false
        }
        phase = byte == 0x0A ? .between : .skippingLine
        return true
    }
}
