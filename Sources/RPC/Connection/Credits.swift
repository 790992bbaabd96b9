/// The flow control of one stream: payload bytes of MESSAGE frames, each direction for itself.
struct Credits: Equatable {
    /// What a MESSAGE or CREDIT that breaks the rules comes to.
    enum Fault: Error, Equatable {
        /// A message came while no credit was left.
        case beyondCredit
        /// A CREDIT of nothing, or one that leads past 2^31-1.
        case badCredit
    }

    /// What this side may still send; below zero after a message larger than what was left.
    private(set) var toSend: Int
    /// What the peer may still send.
    private(set) var toReceive: Int
    /// Consumed and not yet given back.
    private var consumed = 0
    /// The window announced for what this side receives.
    private let window: Int

    /// - Parameters:
    ///   - toSend: The window that the peer announced, in bytes.
    ///   - window: The window that this side announced, in bytes.
    init(toSend: Int, window: Int) {
        self.toSend = toSend
        self.window = window
        toReceive = window
    }

    /// Whether a message may leave now.
    var canSend: Bool { toSend > 0 }

    /// A message of `bytes` leaves.
    mutating func send(_ bytes: Int) {
        toSend -= bytes
    }

    /// The peer announced another window than the one assumed so far.
    mutating func adjust(by bytes: Int) {
        toSend += bytes
    }

    /// The peer gives `bytes` back.
    mutating func refill(_ bytes: UInt32) throws(Fault) {
        guard bytes > 0, toSend + Int(bytes) <= Limits.creditBytesMax else { throw .badCredit }
        toSend += Int(bytes)
    }

    /// A message of `bytes` came.
    mutating func receive(_ bytes: Int) throws(Fault) {
        guard toReceive > 0 else { throw .beyondCredit }
        toReceive -= bytes
    }

    /// The application took `bytes` in.
    ///
    /// - Returns: What to give back to the peer now; 0 until half a window has come together.
    mutating func consume(_ bytes: Int) -> Int {
        consumed += bytes
        guard consumed > 0, consumed * 2 >= window else { return 0 }
        let lump = consumed
        consumed = 0
        toReceive += lump
        return lump
    }
}
