@testable import Agenda
import Contracts
import Foundation
import RPC
import ServiceKit
import Storage
import Testing

/// A walk of 30 days, minute by minute, over the clock changes of both zones that change.
struct WalkSeason: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The first minute, in ms.
    let fromMs: Int64
    let seed: UInt64

    /// 5 March to 4 April 2025: Miquelon changes on the 9th, Paris on the 30th.
    static let spring = WalkSeason(
        testDescription: "spring",
        fromMs: 1_741_132_800_000,
        seed: 3
    )
    /// 6 October to 5 November 2025: Paris changes on the 26th, Miquelon on the 2nd.
    static let autumn = WalkSeason(
        testDescription: "autumn",
        fromMs: 1_759_708_800_000,
        seed: 10
    )
}

@Suite struct ReminderWalkTests {
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000
    /// The clock times at which rules change, and one in plain day; minutes after midnight.
    private static let clockTimes: [Int64] = [0, 150, 179, 479, 480, 817, 1_200, 1_201, 1_439]

    @Test(arguments: [WalkSeason.spring, .autumn])
    func everyReminderIsGivenOutOnceAtItsLocalTime(season: WalkSeason) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("agenda-walk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var walk = try await Walk(directory: directory.path, season: season)
        try await walk.bookEveryDay(Self.clockTimes)

        let endMs = season.fromMs + 30 * Self.day
        var nowMs = season.fromMs
        while nowMs < endMs {
            try await walk.tick(nowMs)
            // Some forty restarts, one in four of them after up to 30 hours.
            if walk.dice.roll(1_080) == 0 {
                try await walk.restart()
                if walk.dice.roll(4) == 0 { nowMs += Int64(walk.dice.roll(1_800)) * Self.minute }
            }
            nowMs += Self.minute
        }
        try await walk.check()
        // What the walk is for must have happened: all of it, and often.
        #expect(walk.restarts >= 20)
        #expect(walk.model.given.count > 4_000)
        #expect(walk.model.tooLate > 0)
        #expect(walk.model.entries.contains { $0.reminders.contains { $0.state == .waiting } })
        #expect(walk.model.entries.contains { $0.isCancelled })
    }
}

/// The agenda and its model, walking side by side.
private struct Walk {
    private static let zones = ZoneOracle.france

    var dice: Dice
    var model: WalkModel
    private(set) var restarts = 0
    private let directory: String
    private let season: WalkSeason
    private var agenda: AgendaFixture

    init(directory: String, season: WalkSeason) async throws {
        self.directory = directory
        self.season = season
        dice = Dice(seed: season.seed)
        model = WalkModel(fromMs: season.fromMs)
        agenda = AgendaFixture(
            database: try Self.open(directory),
            at: Timestamp(milliseconds: season.fromMs)
        )
        for (index, zone) in Self.zones.enumerated() {
            try await agenda.follow(
                [Self.person(index)],
                counsellor: AgendaFixture.counsellor,
                timeZone: zone.name
            )
        }
    }

    private static func open(_ directory: String) throws -> Database {
        try Database.open(directory: directory, name: "agenda", migrations: AgendaSchema.migrations)
    }

    private static func person(_ zone: Int) -> String { appointmentID(900_000 + zone) }

    /// Books, in each zone, an appointment at each of these clock times on each day; where the clock
    /// shows the time twice, at both; where it skips it, none.
    mutating func bookEveryDay(_ clockTimes: [Int64]) async throws {
        var requests: [BookAppointmentRequest] = []
        for zone in Self.zones.indices {
            for day in 1...38 {
                for clockTime in clockTimes {
                    let wallMs = season.fromMs + Int64(day) * 86_400_000 + clockTime * 60_000
                    for startMs in Self.zones[zone].instants(wallMs) {
                        requests.append(booking(zone, startMs, season.fromMs))
                    }
                }
            }
        }
        let service = agenda.service
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, request) in requests.enumerated() {
                if index >= 256 { try await group.next() }
                group.addTask { _ = try await service.bookAppointment(request, .counsellor) }
            }
            try await group.waitForAll()
        }
    }

    /// One minute: now and then somebody books, moves or cancels; then the clock gives out.
    mutating func tick(_ nowMs: Int64) async throws {
        agenda.clock.set(Timestamp(milliseconds: nowMs))
        switch dice.roll(120) {
        case 0: try await bookOne(nowMs)
        case 1, 2: try await moveOne(nowMs)
        case 3: try await cancelOne()
        default: break
        }
        try await agenda.giveOutDue()
        model.giveOut(nowMs: nowMs)
    }

    /// Ends the process's part and begins it anew on the same file.
    mutating func restart() async throws {
        try await agenda.database.close()
        let now = agenda.clock.now
        agenda = AgendaFixture(database: try Self.open(directory), at: now)
        restarts += 1
    }

    /// Compares what was given out, and what is stored, with the model.
    func check() async throws {
        let given = try await agenda.remindersGivenOut().sorted()
        #expect(Set(given).count == given.count, "A reminder was given out twice.")
        #expect(given == model.given.sorted())
        var stored: [String: Appointment] = [:]
        var request = ListAppointmentsRequest(includeCancelled: true, limit: 500)
        repeat {
            let page = try await agenda.service.listAppointments(request, .counsellor)
            for appointment in page.appointments { stored[appointment.id] = appointment }
            request.cursor = page.next
        } while !request.cursor.isEmpty
        #expect(stored.count == model.entries.count)
        for (number, entry) in model.entries.enumerated() {
            let appointment = try #require(stored[appointmentID(number)])
            let reminders = appointment.reminders.map {
                WalkModel.Expected(kind: $0.kind, dueMs: $0.dueMs, state: $0.state)
            }
            let isSame =
                reminders == entry.reminders && appointment.startMs == entry.startMs
                && appointment.timeZone == Self.zones[entry.zone].name
            #expect(isSame, "Appointment \(number): \(appointment), not \(entry)")
        }
    }

    private mutating func booking(
        _ zone: Int,
        _ startMs: Int64,
        _ nowMs: Int64
    ) -> BookAppointmentRequest {
        let number = model.book(zone: zone, startMs: startMs, nowMs: nowMs)
        return .hour(number, at: Timestamp(milliseconds: startMs)).with {
            $0.youngPersonID = Self.person(zone)
        }
    }

    private mutating func bookOne(_ nowMs: Int64) async throws {
        let startMs = nowMs + Int64(dice.roll(10 * 1_440)) * 60_000
        let request = booking(dice.roll(Self.zones.count), startMs, nowMs)
        _ = try await agenda.service.bookAppointment(request, .counsellor)
    }

    private mutating func moveOne(_ nowMs: Int64) async throws {
        let number = dice.roll(model.entries.count)
        guard !model.entries[number].isCancelled else { return }
        let startMs = nowMs + Int64(dice.roll(10 * 1_440)) * 60_000
        model.move(number, to: startMs, nowMs: nowMs)
        _ = try await agenda.service.moveAppointment(
            .hour(number, at: Timestamp(milliseconds: startMs)),
            .counsellor
        )
    }

    private mutating func cancelOne() async throws {
        let number = dice.roll(model.entries.count)
        model.cancel(number)
        _ = try await agenda.service.cancelAppointment(
            CancelAppointmentRequest(id: appointmentID(number)),
            .counsellor
        )
    }
}
