/// A segment and which of its offers are still there.
struct LivingSegment: Sendable {
    let segment: Segment
    /// One bit for each offer; empty while all are there.
    private(set) var living: [UInt64] = []
    private(set) var livingCount: Int

    init(_ segment: Segment) {
        self.segment = segment
        livingCount = segment.documentCount
    }

    /// Whether the offer at `local` is still there.
    func isLiving(_ local: Int) -> Bool {
        living.isEmpty || living[local >> 6] >> UInt64(local & 63) & 1 == 1
    }

    /// Takes an offer out of what searches find.
    mutating func drop(_ local: Int) {
        if living.isEmpty {
            living = [UInt64](repeating: .max, count: (segment.documentCount + 63) / 64)
        }
        guard isLiving(local) else { return }
        living[local >> 6] &= ~(1 << UInt64(local & 63))
        livingCount -= 1
    }
}
