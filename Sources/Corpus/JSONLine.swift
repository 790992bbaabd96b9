/// Writes the bytes of one line of JSON.
///
/// Texts are given as bytes that need no escaping: `Texts.safe` makes sure of it once, when the
/// vocabulary is loaded, instead of at each of a million offers.
struct JSONLine {
    var bytes: [UInt8] = []

    /// Adds JSON as it is.
    mutating func raw(_ text: StaticString) {
        // Safety: a static string lives for ever and has as many bytes as it says.
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    mutating func raw(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    /// Adds `"name":`, with a comma before it unless it is the object's first.
    mutating func key(_ name: StaticString) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        raw(name)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    /// Adds a member that is a text.
    mutating func text(_ name: StaticString, _ value: [UInt8]) {
        key(name)
        quote(value)
    }

    mutating func text(_ name: StaticString, _ value: StaticString) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        raw(value)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Adds a member that is JSON.
    mutating func json(_ name: StaticString, _ value: StaticString) {
        key(name)
        raw(value)
    }

    mutating func number(_ name: StaticString, _ value: Int) {
        key(name)
        integer(value)
    }

    /// Adds degrees that are given in millionths.
    mutating func degrees(_ name: StaticString, _ micro: Int) {
        key(name)
        degrees(micro)
    }

    mutating func degrees(_ micro: Int) {
        if micro < 0 { bytes.append(UInt8(ascii: "-")) }
        integer(abs(micro) / 1_000_000)
        bytes.append(UInt8(ascii: "."))
        padded(abs(micro) % 1_000_000, 6)
    }

    /// Adds an instant as "2026-05-04T08:11:02.000Z".
    mutating func instant(_ name: StaticString, _ milliseconds: Int64) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        instant(milliseconds)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func quote(_ value: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        raw(value)
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func integer(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// Adds a number of at least 0 in exactly `digits` digits.
    mutating func padded(_ value: Int, _ digits: Int) {
        var rest = value
        let start = bytes.count
        for _ in 0..<digits {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        }
        bytes[start...].reverse()
    }

    private mutating func instant(_ milliseconds: Int64) {
        let day = Calendar.Day(milliseconds: milliseconds)
        let time = Int(milliseconds - day.startMs)
        padded(day.year, 4)
        bytes.append(UInt8(ascii: "-"))
        padded(day.month, 2)
        bytes.append(UInt8(ascii: "-"))
        padded(day.day, 2)
        bytes.append(UInt8(ascii: "T"))
        padded(time / 3_600_000, 2)
        bytes.append(UInt8(ascii: ":"))
        padded(time / 60_000 % 60, 2)
        bytes.append(UInt8(ascii: ":"))
        padded(time / 1_000 % 60, 2)
        bytes.append(UInt8(ascii: "."))
        padded(time % 1_000, 3)
        bytes.append(UInt8(ascii: "Z"))
    }
}

/// Days of the calendar, in UTC.
enum Calendar {
    static let dayMs: Int64 = 86_400_000

    struct Day {
        let year: Int
        let month: Int
        let day: Int
        let startMs: Int64

        /// The day of an instant since 1970.
        ///
        /// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
        init(milliseconds: Int64) {
            let number = milliseconds / Calendar.dayMs
            startMs = number * Calendar.dayMs
            let shifted = Int(number) + 719_468
            let era = shifted / 146_097
            let dayOfEra = shifted % 146_097
            let yearOfEra =
                (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let shiftedMonth = (5 * dayOfYear + 2) / 153
            day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
            month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
            year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        }
    }
}
