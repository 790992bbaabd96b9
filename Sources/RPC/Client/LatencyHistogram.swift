import NIOCore

/// How long the answers of a method took within the last 10 to 20 s, to within an eighth.
struct LatencyHistogram {
    private var recent = Counts()
    private var older = Counts()
    private var since: NIODeadline

    init(now: NIODeadline) {
        since = now
    }

    /// An answer took `time`.
    mutating func record(_ time: TimeAmount, at now: NIODeadline) {
        let age = now - since
        if age >= Self.span {
            // What is older than 20 s goes, in lumps of 10.
            older = age < Self.span * 2 ? recent : Counts()
            recent = Counts()
            since = now
        }
        recent.add(Self.place(of: time))
    }

    /// The time within which 19 of 20 answers came; `nil` if there were too few to say.
    func p95(at now: NIODeadline) -> TimeAmount? {
        let age = now - since
        let recent = age < Self.span * 2 ? recent : Counts()
        let older = age < Self.span ? older : Counts()
        let total = recent.total + older.total
        guard total >= Limits.hedgeSamplesMin else { return nil }
        var left = (total * 95 + 99) / 100
        for place in 0..<Self.places {
            left -= recent[place] + older[place]
            if left <= 0 { return Self.end(of: place) }
        }
        return nil
    }

    private struct Counts {
        private var counts: [UInt32] = []
        private(set) var total = 0

        subscript(_ place: Int) -> Int { counts.isEmpty ? 0 : Int(counts[place]) }

        mutating func add(_ place: Int) {
            if counts.isEmpty { counts = Array(repeating: 0, count: LatencyHistogram.places) }
            counts[place] &+= 1
            total += 1
        }
    }

    private static let span = TimeAmount(Limits.retryWindow)

    /// Eight places for each power of two of 1,024 ns, up to 2^28 of them: about five minutes.
    private static let places = 8 * 27

    private static func place(of time: TimeAmount) -> Int {
        let units = min(UInt64(max(0, time.nanoseconds)) >> 10, 1 << 28 - 1)
        guard units >= 8 else { return Int(units) }
        let power = 63 - units.leadingZeroBitCount
        return 8 * (power - 2) + Int(units >> UInt64(power - 3) & 7)
    }

    /// The first time that no longer belongs to a place.
    private static func end(of place: Int) -> TimeAmount {
        guard place >= 8 else { return .nanoseconds(Int64(place + 1) << 10) }
        let power = place / 8 + 2
        return .nanoseconds(Int64(9 + place % 8) << Int64(power - 3 + 10))
    }
}
