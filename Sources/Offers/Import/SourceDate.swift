import ServiceKit
import Storage

/// Reads dates as the sources write them.
enum SourceDate {
    private static let dayMs: Int64 = 86_400_000
    /// 2000-01-01: before it no source existed.
    private static let earliestMs: Int64 = 946_684_800_000
    /// 2100-01-01: years beyond, such as 3023, are slips.
    private static let latestMs: Int64 = 4_102_444_800_000

    /// When an offer was published, in milliseconds since 1970 UTC; 0 if it is not told, absurd, or
    /// later than a day from now.
    static func published(_ value: JSONValue, now: Timestamp) -> Int64 {
        guard let instant = milliseconds(value), instant <= now.milliseconds + dayMs else {
            return 0
        }
        return instant
    }

    /// A day yet to come or past, in milliseconds since 1970 UTC; 0 if it is not told or absurd.
    static func any(_ value: JSONValue) -> Int64 {
        milliseconds(value) ?? 0
    }

    private static func milliseconds(_ value: JSONValue) -> Int64? {
        let instant: Int64?
        if case .number = value {
            instant = value.double.flatMap(epoch)
        } else {
            instant = value.text.flatMap(parse)
        }
        guard let instant, (earliestMs..<latestMs).contains(instant) else { return nil }
        return instant
    }

    /// A number counts seconds, or milliseconds if it would else lie beyond the year 5000.
    private static func epoch(_ number: Double) -> Int64? {
        guard abs(number) < 1e14 else { return nil }
        return Int64(abs(number) < 1e11 ? number * 1000 : number)
    }

    /// "2026-05-04T08:11:02.000Z", with or without fraction, time or zone (then UTC), or
    /// "04/05/2026".
    static func parse(_ text: String) -> Int64? {
        let bytes = Array(text.utf8).drop { $0 == 0x20 }
        var reader = DigitReader(bytes: bytes)
        if let french = reader.frenchDay() { return french * dayMs }
        guard let day = reader.isoDay() else { return nil }
        guard reader.skip("T") || reader.skip(" ") else { return day * dayMs }
        guard let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2),
            hour < 24, minute < 60
        else { return day * dayMs }
        var milliseconds = (hour * 60 + minute) * 60_000
        if reader.skip(":"), let second = reader.digits(2), second <= 60 {
            milliseconds += second * 1000
            if reader.skip(".") || reader.skip(",") { milliseconds += reader.thousandths() }
        }
        return day * dayMs + milliseconds - reader.offsetMinutes() * 60_000
    }

    private struct DigitReader {
        var bytes: ArraySlice<UInt8>

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: character) else { return false }
            bytes.removeFirst()
            return true
        }

        mutating func digits(_ count: Int) -> Int64? {
            guard bytes.count >= count else { return nil }
            var number: Int64 = 0
            for byte in bytes.prefix(count) {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + Int64(byte - 0x30)
            }
            bytes.removeFirst(count)
            return number
        }

        mutating func isoDay() -> Int64? {
            guard let year = digits(4), skip("-"), let month = digits(2), skip("-"),
                let day = digits(2)
            else { return nil }
            return SourceDate.day(year, month, day)
        }

        mutating func frenchDay() -> Int64? {
            var copy = self
            guard let day = copy.digits(2), copy.skip("/"), let month = copy.digits(2),
                copy.skip("/"), let year = copy.digits(4)
            else { return nil }
            return SourceDate.day(year, month, day)
        }

        mutating func thousandths() -> Int64 {
            var weight: Int64 = 100
            var sum: Int64 = 0
            while let byte = bytes.first, (0x30...0x39).contains(byte) {
                sum += Int64(byte - 0x30) * weight
                weight /= 10
                bytes.removeFirst()
            }
            return sum
        }

        /// Minutes east of UTC: "Z" and nothing are 0, "+02:00" and "+0200" are 120.
        mutating func offsetMinutes() -> Int64 {
            let isWest = bytes.first == UInt8(ascii: "-")
            guard skip("+") || skip("-"), let hours = digits(2), hours < 24 else { return 0 }
            _ = skip(":")
            let minutes = digits(2) ?? 0
            return (isWest ? -1 : 1) * (hours * 60 + minutes)
        }
    }

    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        LocalDay(year: Int(year), month: Int(month), day: Int(day)).map { Int64($0.number) }
    }
}
