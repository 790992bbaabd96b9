import Contracts
import Foundation
import Storage

/// The saved searches, arranged so that an offer is compared with few of them.
///
/// Each search waits under the rarest thing that it asks for: one of its words, or all alternatives
/// of a word or filter (the cells around its place, its trades, contracts …). An offer is compared
/// with those that wait under what it has. What is rare is counted on the offers that come by; the
/// searches are arranged anew when much more is known, or when many were taken out.
struct AlertIndex {
    /// A search in the index; good until `arrange` runs again.
    typealias Slot = UInt32

    fileprivate struct Entry {
        let id: UUID
        var compared: Int64
        var isAlive = true
        /// Where its groups are in `terms`.
        var firstTerm: UInt32
        let termsCount: UInt32
        let days: UInt16
        let kinds: UInt16
        let contracts: UInt16
        let experiences: UInt16
        let workingTimes: UInt16
        let hasPlace: Bool
        let place: Point
        let radiusMetres: Double
    }

    private var entries: [Entry] = []
    private var slots: [UUID: Slot] = [:]
    /// Groups: how many alternatives, and for each how many keys, and these.
    private var terms: [UInt32] = []
    private var keys = KeyTable()
    private var waiting: [[Slot]] = []
    /// Which offer had a key last, to tell in one step whether this one has it.
    private var marks: [UInt32] = []
    private var mark: UInt32 = 0
    private var arrangedWith = 0
    private var dead = 0

    /// How many searches there are.
    var count: Int { slots.count }

    func id(_ slot: Slot) -> UUID { entries[Int(slot)].id }

    /// Up to which new offer the search was compared.
    func compared(_ slot: Slot) -> Int64 { entries[Int(slot)].compared }

    /// Says that the search was compared with the new offers up to a number.
    mutating func setCompared(_ slot: Slot, _ number: Int64) {
        entries[Int(slot)].compared = number
    }

    /// Puts a search in, in place of the one with its id.
    mutating func insert(_ criteria: AlertCriteria, id: UUID, compared: Int64) {
        remove(id)
        let entry = entry(criteria, id, compared)
        let slot = Slot(entries.count)
        entries.append(entry)
        slots[id] = slot
        wait(slot)
    }

    /// Takes a search out, if it is in.
    mutating func remove(_ id: UUID) {
        guard let slot = slots.removeValue(forKey: id) else { return }
        entries[Int(slot)].isAlive = false
        dead += 1
    }

    /// Counts what an offer has, to know rare from common.
    mutating func count(_ offer: OfferTraits) {
        keys.count(offer.keys)
    }

    /// Arranges the searches anew if that is worth it; slots change then.
    mutating func arrangeIfNeeded() {
        let knowsMuchMore = keys.offersCounted >= max(200, 2 * arrangedWith)
        guard knowsMuchMore || dead > 1_000 + slots.count / 4 else { return }
        arrange()
    }

    private mutating func arrange() {
        let old = entries.filter(\.isAlive)
        let oldTerms = terms
        entries = []
        entries.reserveCapacity(old.count)
        slots = [:]
        slots.reserveCapacity(old.count)
        terms = []
        waiting = Array(repeating: [], count: keys.count)
        arrangedWith = keys.offersCounted
        dead = 0
        for entry in old {
            let slot = Slot(entries.count)
            let first = Int(entry.firstTerm)
            var moved = entry
            moved.firstTerm = UInt32(terms.count)
            entries.append(moved)
            terms += oldTerms[first..<first + Int(entry.termsCount)]
            slots[entry.id] = slot
            wait(slot)
        }
    }
}

extension AlertIndex {
    /// The searches that find the offer and were not compared with it yet, in rising order.
    mutating func match(_ offer: OfferTraits, number: Int64, now: Timestamp) -> [Slot] {
        mark &+= 1
        if mark == 0 {
            // Once round: old marks must not be taken for new ones.
            marks = []
            mark = 1
        }
        if marks.count < keys.count {
            marks += Array(repeating: 0, count: keys.count - marks.count)
        }
        var had: [Int] = []
        had.reserveCapacity(offer.keys.count)
        for key in offer.keys {
            guard let found = keys.number(key) else { continue }
            marks[Int(found)] = mark
            had.append(Int(found))
        }
        var found: [Slot] = []
        for key in had where key < waiting.count {
            for slot in waiting[key] where finds(slot, offer, number, now) { found.append(slot) }
        }
        found.sort()
        // Under several alternatives that the offer has, a search was met several times.
        var last: Slot?
        found.removeAll { slot in
            defer { last = slot }
            return slot == last
        }
        return found
    }

    private func finds(
        _ slot: Slot,
        _ offer: OfferTraits,
        _ number: Int64,
        _ now: Timestamp
    ) -> Bool {
        entries.withUnsafeBufferPointer { entries in
            let entry = entries[Int(slot)]
            guard entry.isAlive, number > entry.compared,
                Self.allows(entry.kinds, offer.kind), Self.allows(entry.contracts, offer.contract),
                Self.allows(entry.experiences, offer.experience),
                Self.allows(entry.workingTimes, offer.workingTime)
            else { return false }
            guard meets(entry) else { return false }
            if entry.days > 0 {
                let oldestMs = now.milliseconds - 86_400_000 * Int64(entry.days)
                // To the second, as search counts.
                guard max(0, offer.publishedMs) / 1000 >= max(0, oldestMs) / 1000 else {
                    return false
                }
            }
            guard entry.hasPlace else { return true }
            guard let point = offer.point else { return false }
            return entry.place.metres(to: point) <= entry.radiusMetres
        }
    }

    /// Whether the offer at hand has an alternative of each group.
    private func meets(_ entry: Entry) -> Bool {
        var at = Int(entry.firstTerm)
        let end = at + Int(entry.termsCount)
        while at < end {
            let alternatives = terms[at]
            at += 1
            var isMet = false
            for _ in 0..<alternatives {
                let next = at + 1 + Int(terms[at])
                isMet = isMet || terms[(at + 1)..<next].allSatisfy { marks[Int($0)] == mark }
                at = next
            }
            guard isMet else { return false }
        }
        return true
    }

    /// Whether a filter lets a value through; one without bits lets all.
    private static func allows(_ filter: UInt16, _ value: Int32) -> Bool {
        filter == 0 || filter & bit(value) != 0
    }

    /// The bit of an enumeration's value; the last one stands for all beyond.
    private static func bit(_ value: Int32) -> UInt16 { 1 << UInt16(min(max(value, 0), 15)) }

    private mutating func entry(_ criteria: AlertCriteria, _ id: UUID, _ compared: Int64) -> Entry {
        let first = UInt32(terms.count)
        for group in criteria.groups {
            terms.append(UInt32(group.count))
            for alternative in group {
                terms.append(UInt32(alternative.count))
                terms += alternative.map { keys.add($0) }
            }
        }
        func bits(_ values: [Int32]) -> UInt16 { values.reduce(0) { $0 | Self.bit($1) } }
        return Entry(
            id: id,
            compared: compared,
            firstTerm: first,
            termsCount: UInt32(terms.count) - first,
            days: UInt16(criteria.publishedWithinDays),
            kinds: bits(criteria.kinds),
            contracts: bits(criteria.contracts),
            experiences: bits(criteria.experiences),
            workingTimes: bits(criteria.workingTimes),
            hasPlace: criteria.place != nil,
            place: criteria.place ?? Point(latitude: 0, longitude: 0),
            radiusMetres: criteria.radiusMetres
        )
    }

    /// Lets a search wait under the rarest thing that it asks for.
    private mutating func wait(_ slot: Slot) {
        let entry = entries[Int(slot)]
        var alternatives = rarest(entry)
        func add(_ filter: UInt16, _ key: (Int32) -> AlertKey) {
            guard filter != 0 else { return }
            let values = (0..<16).filter { filter & Self.bit($0) != 0 }
            alternatives.append(values.map { keys.add(key($0)) })
        }
        add(entry.kinds) { .kind($0) }
        add(entry.contracts) { .contract($0) }
        add(entry.experiences) { .experience($0) }
        add(entry.workingTimes) { .workingTime($0) }
        if entry.hasPlace {
            let cells = AlertCell.cover(around: entry.place, radius: entry.radiusMetres)
            alternatives.append(cells.map { keys.add(.cell($0)) })
        }
        let rarest = alternatives.min {
            keys.frequency(ofAny: $0) < keys.frequency(ofAny: $1)
        }
        for key in Set(rarest ?? [keys.add(.anything)]) {
            if waiting.count <= Int(key) {
                waiting += Array(repeating: [], count: Int(key) + 1 - waiting.count)
            }
            waiting[Int(key)].append(slot)
        }
    }

    /// For each group the rarest key of each of its alternatives: without one of these an offer
    /// cannot meet the group.
    private func rarest(_ entry: Entry) -> [[UInt32]] {
        var groups: [[UInt32]] = []
        var at = Int(entry.firstTerm)
        let end = at + Int(entry.termsCount)
        while at < end {
            var group: [UInt32] = []
            let alternatives = terms[at]
            at += 1
            for _ in 0..<alternatives {
                let next = at + 1 + Int(terms[at])
                let rarest = terms[(at + 1)..<next].min {
                    keys.frequency(of: $0) < keys.frequency(of: $1)
                }
                if let rarest { group.append(rarest) }
                at = next
            }
            groups.append(group)
        }
        return groups
    }
}
