import ServiceKit
import Storage
import Testing

@Suite struct LocalCalendarTests {
    private let paris: LocalCalendar

    init() throws { paris = try LocalCalendar(timeZone: "Europe/Paris") }

    @Test(arguments: [
        // 29 March 2026: 02:00 to 03:00 does not exist in Paris; 01:00 UTC is 03:00.
        ("2026-03-29", 2, 30, 1_774_746_000_000),
        ("2026-03-29", 1, 59, 1_774_745_940_000),
        ("2026-03-29", 3, 0, 1_774_746_000_000),
        // 25 October 2026: 02:00 to 03:00 comes twice; the first is 00:30 UTC.
        ("2026-10-25", 2, 30, 1_792_888_200_000),
        ("2026-10-25", 3, 0, 1_792_893_600_000),
        ("2026-07-01", 12, 0, 1_782_900_000_000),
    ])
    func aClockTimeIsOneInstant(day: String, hour: Int, minute: Int, expected: Int64) throws {
        let day = try #require(LocalDay(day))
        #expect(paris.instant(day, hour: hour, minute: minute).milliseconds == expected)
    }

    @Test func dayAndClockComeBack() throws {
        let day = try #require(LocalDay("2026-11-24"))
        let instant = paris.instant(day, hour: 14, minute: 30)
        #expect(paris.day(of: instant) == day)
        #expect(paris.clockMs(of: instant) == 52_200_000)
        #expect(paris.day(of: paris.start(of: day)) == day)
        #expect(paris.day(of: paris.start(of: day) - .milliseconds(1)) == day.adding(days: -1))
    }

    @Test(arguments: ["", "Paris", "GMT+1", "CET ", "Europe/Paris ", "../../etc/passwd"])
    func unknownZonesAreRefused(name: String) {
        #expect(throws: LocalCalendar.UnknownTimeZone.self) {
            try LocalCalendar(timeZone: name)
        }
    }

    @Test func daysCountLikeACalendar() throws {
        let leap = try #require(LocalDay("2028-02-28")).adding(days: 1)
        #expect(leap.description == "2028-02-29")
        #expect(leap.weekday == 2)
        #expect(leap.monday.description == "2028-02-28")
        #expect(LocalDay(number: 0).description == "1970-01-01")
        #expect(LocalDay(number: -1).description == "1969-12-31")
        #expect(LocalDay(number: -1).weekday == 3)
    }

    @Test func everyDayOfACenturyReadsBack() throws {
        for number in 0..<36_525 {
            let day = LocalDay(number: number)
            #expect(LocalDay(day.description) == day)
        }
    }

    @Test(arguments: [
        "2026-02-29", "2026-13-01", "2026-1-01", "26-01-01", "2026-00-10", "٢٠٢٦-01-01",
    ])
    func whatIsNoDateIsRefused(text: String) {
        #expect(LocalDay(text) == nil)
    }
}
