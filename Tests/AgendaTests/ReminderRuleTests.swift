@testable import Agenda
import Contracts
import ServiceKit
import Storage
import Testing

@Suite struct ReminderRuleTests {
    private let paris: LocalCalendar
    /// 1 January 2025: long before all appointments here.
    private let early = Timestamp(milliseconds: 1_735_689_600_000)

    init() throws {
        paris = try LocalCalendar(timeZone: "Europe/Paris")
    }

    private func instant(_ day: String, _ hour: Int, _ minute: Int = 0) throws -> Timestamp {
        paris.instant(try #require(LocalDay(day)), hour: hour, minute: minute)
    }

    private func plan(_ start: Timestamp, at now: Timestamp? = nil) -> [ReminderRule.Plan] {
        ReminderRule.plan(start: start, in: paris, at: now ?? early)
    }

    @Test func sameClockTimeAWeekAndADayBefore() throws {
        let plans = plan(try instant("2025-06-18", 14, 30))
        #expect(
            plans == [
                .init(kind: .weekBefore, due: try instant("2025-06-11", 14, 30)),
                .init(kind: .dayBefore, due: try instant("2025-06-17", 14, 30)),
            ]
        )
    }

    @Test func secondsOfTheStartAreKept() throws {
        let odd = Duration.milliseconds(12_345)
        let plans = plan(try instant("2025-06-18", 14, 30) + odd)
        #expect(plans.last?.due == (try instant("2025-06-17", 14, 30)) + odd)
    }

    @Test(
        arguments: [
            (0, 0, 8, 0), (7, 59, 8, 0), (8, 0, 8, 0), (8, 1, 8, 1), (19, 59, 19, 59),
            (20, 0, 20, 0), (20, 1, 20, 0), (23, 59, 20, 0),
        ]
    )
    func remindersAreMovedIntoTheDay(
        hour: Int,
        minute: Int,
        dueHour: Int,
        dueMinute: Int
    ) throws {
        let plans = plan(try instant("2025-06-18", hour, minute))
        #expect(
            plans.map(\.due) == [
                try instant("2025-06-11", dueHour, dueMinute),
                try instant("2025-06-17", dueHour, dueMinute),
            ]
        )
    }

    @Test func oneMillisecondAfterTheDayIsMovedToItsEnd() throws {
        let plans = plan(try instant("2025-06-18", 20) + .milliseconds(1))
        #expect(plans.last?.due == (try instant("2025-06-17", 20)))
    }

    @Test func theClockChangesBetweenReminderAndAppointment() throws {
        // On 30 March the clock goes from 02:00 to 03:00: the week has 167 hours.
        let spring = plan(try instant("2025-04-02", 10))
        #expect(spring.first?.due == Timestamp(milliseconds: 1_742_979_600_000))
        #expect(try instant("2025-04-02", 10).since(try #require(spring.first).due) == .hours(167))
        // On 26 October it goes from 03:00 back to 02:00: the day before has 25 hours.
        let autumn = plan(try instant("2025-10-26", 10))
        #expect(try instant("2025-10-26", 10).since(try #require(autumn.last).due) == .hours(25))
    }

    @Test func skippedAndRepeatedClockTimesAreRemindedOfInTheMorning() throws {
        // 02:30 does not exist on 30 March and comes twice on 26 October.
        let skipped = plan(try instant("2025-04-06", 2, 30))
        #expect(skipped.first?.due == (try instant("2025-03-30", 8)))
        let first = try instant("2025-10-26", 2, 30)
        for start in [first, first + .hours(1)] {
            #expect(plan(start).last?.due == (try instant("2025-10-25", 8)))
        }
        #expect(plan(try instant("2025-11-02", 2, 30)).first?.due == (try instant("2025-10-26", 8)))
    }

    @Test func reminderOfADayThatAZoneSkippedComesTheNextMorningOrNotAtAll() throws {
        // Samoa had no 30 December 2011.
        let apia = try LocalCalendar(timeZone: "Pacific/Apia")
        let newYear = try #require(LocalDay("2011-12-31"))
        let early = Timestamp(milliseconds: 0)
        let weekAfter = apia.instant(newYear.adding(days: 6), hour: 10)
        #expect(
            ReminderRule.plan(start: weekAfter, in: apia, at: early).first?.due
                == apia.instant(newYear, hour: 8)
        )
        let sameMorning = apia.instant(newYear, hour: 7)
        #expect(
            ReminderRule.plan(start: sameMorning, in: apia, at: early).map(\.kind)
                == [.weekBefore]
        )
    }

    @Test func bookedLessThanAWeekOrADayAheadHasNoSuchReminder() throws {
        let start = try instant("2025-06-18", 14)
        let week = try instant("2025-06-11", 14)
        let day = try instant("2025-06-17", 14)
        #expect(plan(start, at: week).map(\.kind) == [.weekBefore, .dayBefore])
        #expect(plan(start, at: week + .milliseconds(1)).map(\.kind) == [.dayBefore])
        #expect(plan(start, at: day).map(\.kind) == [.dayBefore])
        #expect(plan(start, at: day + .milliseconds(1)).isEmpty)
        #expect(plan(start, at: start + .days(1)).isEmpty)
    }

    @Test func movingIntoTheDayDoesNotMakeAReminderExist() throws {
        // At 07:30, an appointment at 07:00 a week later is less than a week ahead, although its
        // reminder would be due at 08:00, in half an hour.
        let now = try instant("2025-06-11", 7, 30)
        #expect(plan(try instant("2025-06-18", 7), at: now).map(\.kind) == [.dayBefore])
        // At 20:30, one at 21:00 a week later is more than a week ahead, but 20:00 has passed.
        let evening = try instant("2025-06-11", 20, 30)
        #expect(plan(try instant("2025-06-18", 21), at: evening).map(\.kind) == [.dayBefore])
    }

    @Test(arguments: ZoneOracle.france)
    func everyHalfHourOfAYearAgreesWithThePublishedClockChanges(zone: ZoneOracle) throws {
        let calendar = try LocalCalendar(timeZone: zone.name)
        var startMs: Int64 = 1_736_899_200_000  // 15 January 2025
        let endMs: Int64 = 1_766_620_800_000  // 25 December 2025
        while startMs < endMs {
            let plans = ReminderRule.plan(
                start: Timestamp(milliseconds: startMs),
                in: calendar,
                at: early
            )
            let expected = [7, 1].map { zone.due(days: $0, before: startMs).dueMs }
            let due = plans.map(\.due.milliseconds)
            if due != expected {
                Issue.record("\(zone.name), start \(startMs): \(due), not \(expected)")
                return
            }
            startMs += 1_800_000
        }
    }
}
