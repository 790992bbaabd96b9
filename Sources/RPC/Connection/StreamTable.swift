/// The streams of a connection, each in a slot with a small number.
///
/// Whoever drives the connection keeps what belongs to a stream under the same number, so that only
/// frames need a look-up by id. A slot outlives its stream on the wire until it is released: on a
/// server that is when the handler has returned.
struct StreamTable<Stream> {
    private var slots: [Stream?] = []
    private var free: [Int] = []
    private var index = StreamIndex()

    /// Slots in use: streams on the wire, and those whose slot is not released yet.
    private(set) var count = 0

    /// Streams on the wire.
    var openCount: Int { index.count }

    /// Puts a stream that opens into a slot.
    mutating func open(_ id: UInt32, _ stream: Stream) -> Int {
        count += 1
        if let slot = free.popLast() {
            slots[slot] = stream
            index.insert(id, slot)
            return slot
        }
        slots.append(stream)
        index.insert(id, slots.count - 1)
        return slots.count - 1
    }

    /// The slot of a stream on the wire.
    func slot(of id: UInt32) -> Int? { index.slot(of: id) }

    /// Forgets the id of a stream that has ended on the wire; its slot stays.
    mutating func close(_ id: UInt32) {
        index.remove(id)
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

/// Finds the slot of a stream by its id, on the way of every call: a `Dictionary` hashes with more
/// care than ids need, which rise one by one.
///
/// Open addressing by the id's low bits, at most half full. A peer that leaves out ids to make them
/// collide only slows down its own connection, and that by no more than its open streams.
private struct StreamIndex {
    private struct Entry {
        /// 0, which no stream has, for none.
        var id: UInt32
        var slot: UInt32
    }

    private(set) var count = 0
    private var entries = [Entry](repeating: Entry(id: 0, slot: 0), count: 8)

    func slot(of id: UInt32) -> Int? {
        var place = home(of: id)
        while entries[place].id != 0 {
            if entries[place].id == id { return Int(entries[place].slot) }
            place = next(place)
        }
        return nil
    }

    /// - Precondition: the id is not in the index.
    mutating func insert(_ id: UInt32, _ slot: Int) {
        if (count + 1) * 2 > entries.count { grow() }
        count += 1
        var place = home(of: id)
        while entries[place].id != 0 { place = next(place) }
        entries[place] = Entry(id: id, slot: UInt32(slot))
    }

    mutating func remove(_ id: UInt32) {
        var gap = home(of: id)
        while entries[gap].id != id {
            guard entries[gap].id != 0 else { return }
            gap = next(gap)
        }
        count -= 1
        // What was put behind the gap because of it moves up, so that no search ends too soon.
        var place = next(gap)
        while entries[place].id != 0 {
            let distance = (place - home(of: entries[place].id)) & (entries.count - 1)
            if distance >= (place - gap) & (entries.count - 1) {
                entries[gap] = entries[place]
                gap = place
            }
            place = next(place)
        }
        entries[gap].id = 0
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(id: 0, slot: 0), count: old.count * 2)
        count = 0
        for entry in old where entry.id != 0 { insert(entry.id, Int(entry.slot)) }
    }

    /// Ids are odd: the lowest bit tells nothing.
    private func home(of id: UInt32) -> Int { Int(id >> 1) & (entries.count - 1) }

    private func next(_ place: Int) -> Int { (place + 1) & (entries.count - 1) }
}
