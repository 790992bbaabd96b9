import Testing

@testable import Storage

@Suite struct TimestampTests {
    @Test func movesByDurations() {
        let instant = Timestamp(milliseconds: 1_000)
        #expect(instant + .seconds(2) == Timestamp(milliseconds: 3_000))
        #expect(instant - .milliseconds(1_500) == Timestamp(milliseconds: -500))
        #expect(instant + .microseconds(1_999) == Timestamp(milliseconds: 1_001))
        #expect(instant.since(Timestamp(milliseconds: 400)) == .milliseconds(600))
        #expect(Timestamp(milliseconds: 1) < Timestamp(milliseconds: 2))
    }

    @Test func stopsAtTheEndsOfTheRange() {
        let last = Timestamp(milliseconds: .max)
        let first = Timestamp(milliseconds: .min)
        #expect(last + .seconds(1) == last)
        #expect(first - .seconds(1) == first)
        #expect(last - .seconds(-1) == last)
        #expect(Timestamp(milliseconds: 0) + .seconds(Int64.max) == last)
        #expect(Timestamp(milliseconds: 0) - .seconds(Int64.max) == first)
    }
}
