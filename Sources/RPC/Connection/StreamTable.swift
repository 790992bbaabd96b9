/// The streams of a connection, each in a slot with a small number.
///
/// Whoever drives the connection keeps what belongs to a stream under the same number, so that only
/// frames need a look-up by id. A slot outlives its stream on the wire until it is released: on a
/// server that is when the handler has returned.
struct StreamTable<Stream> {
    private var slots: [Stream?] = []
    private var free: [Int] = []
    private var slotOfID: [UInt32: Int] = [:]

    /// Slots in use: streams on the wire, and those whose slot is not released yet.
    private(set) var count = 0

    /// Streams on the wire.
    var openCount: Int { slotOfID.count }

    /// Puts a stream that opens into a slot.
    mutating func open(_ id: UInt32, _ stream: Stream) -> Int {
        count += 1
        if let slot = free.popLast() {
            slots[slot] = stream
            slotOfID[id] = slot
            return slot
        }
        slots.append(stream)
        slotOfID[id] = slots.count - 1
        return slots.count - 1
    }

    /// The slot of a stream on the wire.
    func slot(of id: UInt32) -> Int? { slotOfID[id] }

    /// Forgets the id of a stream that has ended on the wire; its slot stays.
    mutating func close(_ id: UInt32) {
        slotOfID[id] = nil
    }

    /// Frees a slot.
    ///
    /// - Precondition: the slot is in use, and its stream is closed.
    mutating func release(_ slot: Int) {
        precondition(slots[slot] != nil, "a slot is released once")
        slots[slot] = nil
        free.append(slot)
        count -= 1
    }

    /// The stream in a slot.
    ///
    /// - Precondition: the slot is in use.
    subscript(_ slot: Int) -> Stream {
        get {
            guard let stream = slots[slot] else { preconditionFailure("the slot is in use") }
            return stream
        }
        _modify {
            guard var stream = slots[slot] else { preconditionFailure("the slot is in use") }
            defer { slots[slot] = stream }
            yield &stream
        }
    }

    /// The slots in use, in no order.
    var used: [Int] { slots.indices.filter { slots[$0] != nil } }
}
