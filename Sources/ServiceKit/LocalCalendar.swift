import Foundation
public import Storage

/// Days and clock times in one time zone, daylight saving included.
public struct LocalCalendar: Sendable {
    /// A time zone that no IANA table knows.
    public struct UnknownTimeZone: Error, Equatable {
        /// What was asked for.
        public let name: String
    }

    private let zone: TimeZone

    /// The calendar of an IANA zone: "Europe/Paris", "Indian/Reunion".
    ///
    /// - Throws: `UnknownTimeZone` for other names, abbreviations and offsets such as "GMT+1"
    ///   included.
    public init(timeZone name: String) throws(UnknownTimeZone) {
        guard Self.knownNames.contains(name), let zone = TimeZone(identifier: name) else {
            throw UnknownTimeZone(name: name)
        }
        self.zone = zone
    }

    private static let knownNames = Set(TimeZone.knownTimeZoneIdentifiers)

    /// The day on which an instant falls.
    public func day(of instant: Timestamp) -> LocalDay {
        LocalDay(number: Int(floorDivide(local(instant), Self.dayMs)))
    }

    /// The clock time of an instant, in milliseconds since local midnight by the clock's face:
    /// 14:30 is always 52,200,000, also on days with 23 or 25 hours.
    public func clockMs(of instant: Timestamp) -> Int64 {
        let local = local(instant)
        return local - floorDivide(local, Self.dayMs) * Self.dayMs
    }

    /// The first instant of a day.
    public func start(of day: LocalDay) -> Timestamp {
        instant(day, clockMs: 0)
    }

    /// The instant at which the clock shows `clockMs` on `day`.
    ///
    /// A time that the clock shows twice means the first; one that it skips means the first instant
    /// behind the gap.
    public func instant(_ day: LocalDay, clockMs: Int64) -> Timestamp {
        let local = Int64(day.number) * Self.dayMs + clockMs
        // No zone changes its clock twice within two days, so one of these two offsets holds.
        let before = offsetMs(at: local - Self.dayMs)
        let after = offsetMs(at: local + Self.dayMs)
        if offsetMs(at: local - before) == before { return Timestamp(milliseconds: local - before) }
        if offsetMs(at: local - after) == after { return Timestamp(milliseconds: local - after) }
        return transition(between: local - max(before, after), and: local - min(before, after))
    }

    /// The instant at which the clock shows hour and minute on `day`; see `instant(_:clockMs:)`.
    public func instant(_ day: LocalDay, hour: Int, minute: Int = 0) -> Timestamp {
        instant(day, clockMs: Int64(hour * 60 + minute) * 60_000)
    }

    private static let dayMs: Int64 = 86_400_000

    /// The instant at which the offset changes, found by halving.
    private func transition(between low: Int64, and high: Int64) -> Timestamp {
        var low = low
        var high = high
        let old = offsetMs(at: low)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offsetMs(at: middle) == old { low = middle } else { high = middle }
        }
        return Timestamp(milliseconds: high)
    }

    private func local(_ instant: Timestamp) -> Int64 {
        instant.milliseconds + offsetMs(at: instant.milliseconds)
    }

    private func offsetMs(at milliseconds: Int64) -> Int64 {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        return Int64(zone.secondsFromGMT(for: date)) * 1_000
    }

    private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
