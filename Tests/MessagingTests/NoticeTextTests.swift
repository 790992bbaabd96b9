import Contracts
@testable import Messaging
import RPC
import ServiceKit
import Storage
import Testing

@Suite struct NoticeTextTests {
    /// Tuesday 24 November 2026, 14:30 in Paris.
    private static let start: Int64 = 1_795_527_000_000

    private func text(
        _ kind: NoticeKind,
        startMs: Int64 = start,
        zone: String = "Europe/Paris",
        written: Int64 = MessagingHarness.start.milliseconds
    ) -> String {
        let appointment = Appointment(
            title: "Un titre",
            comment: "Un commentaire",
            startMs: startMs,
            cancelReason: "Une raison",
            timeZone: zone
        )
        return NoticeText.appointment(kind, appointment, written: written)
    }

    @Test func eachKindHasItsLine() {
        #expect(text(.appointmentBooked) == "Rendez-vous ajouté le mardi 24 novembre à 14:30")
        #expect(text(.appointmentMoved) == "Rendez-vous déplacé au mardi 24 novembre à 14:30")
        #expect(text(.appointmentCancelled) == "Rendez-vous du mardi 24 novembre à 14:30 annulé")
        #expect(
            text(.appointmentReminder) == "Rappel\u{A0}: rendez-vous le mardi 24 novembre à 14:30"
        )
    }

    @Test(arguments: [
        ("Europe/Paris", "mardi 24 novembre à 14:30"),
        ("Indian/Reunion", "mardi 24 novembre à 17:30"),
        ("America/Martinique", "mardi 24 novembre à 09:30"),
        ("America/Cayenne", "mardi 24 novembre à 10:30"),
        ("Pacific/Noumea", "mercredi 25 novembre à 00:30"),
    ])
    func theTimeIsTheYoungPersons(zone: String, date: String) {
        #expect(text(.appointmentBooked, zone: zone) == "Rendez-vous ajouté le \(date)")
    }

    @Test(
        arguments: [
            // 28 March 2027, either side of the change to summer time.
            (1_806_194_700_000, "dimanche 28 mars 2027 à 01:45"),
            (1_806_196_500_000, "dimanche 28 mars 2027 à 03:15"),
            // The first of a month, August with its circumflex.
            (1_817_100_000_000, "dimanche 1er août 2027 à 08:00"),
            (1_830_294_000_000, "samedi 1er janvier 2028 à 00:00"),
        ] as [(Int64, String)]
    )
    func theYearIsToldIfItIsAnother(startMs: Int64, date: String) {
        #expect(text(.appointmentBooked, startMs: startMs) == "Rendez-vous ajouté le \(date)")
    }

    @Test(
        arguments: [
            // Written on 31 December at noon, and on 1 January at one in the morning, in Nouméa;
            // in Paris it is 31 December both times.
            (1_798_678_800_000, "vendredi 1er janvier 2027 à 09:00"),
            (1_798_725_600_000, "vendredi 1er janvier à 09:00"),
        ] as [(Int64, String)]
    )
    func theYearIsTheYoungPersonsToo(written: Int64, date: String) {
        let line = text(
            .appointmentBooked,
            startMs: 1_798_754_400_000,
            zone: "Pacific/Noumea",
            written: written
        )
        #expect(line == "Rendez-vous ajouté le \(date)")
    }

    @Test(arguments: ["", "Mars/Olympus"])
    func withoutAKnownZoneTheDateIsLeftOut(zone: String) {
        #expect(text(.appointmentBooked, zone: zone) == "Rendez-vous ajouté")
        #expect(text(.appointmentMoved, zone: zone) == "Rendez-vous déplacé")
        #expect(text(.appointmentCancelled, zone: zone) == "Rendez-vous annulé")
        #expect(text(.appointmentReminder, zone: zone) == "Rappel de rendez-vous")
    }

    @Test(arguments: [
        ("Léa", "Nouveau message de Léa Petit"), ("Inès", "Nouveau message d’Inès Petit"),
        ("Élodie", "Nouveau message d’Élodie Petit"), ("Hugo", "Nouveau message de Hugo Petit"),
        ("E\u{301}lodie", "Nouveau message d’E\u{301}lodie Petit"),
        ("Yasmine", "Nouveau message de Yasmine Petit"),
    ])
    func theCounsellorLearnsWhoWrote(firstName: String, line: String) async throws {
        let member = try await member(named: firstName)
        #expect(NoticeText.message(from: member) == line)
    }

    private func member(named firstName: String) async throws -> Caseload.Member {
        let database = try Database.inMemory(migrations: MessagingSchema.migrations)
        let structure = Structure(id: "s", timeZone: "Europe/Paris")
        let person = Person(id: "p", firstName: firstName, lastName: "Petit", structure: structure)
        return try await database.write { transaction in
            for (kind, body) in [
                (
                    StructureChanged.fullName,
                    try StructureChanged(structure: structure).serializedBytes()
                ),
                (
                    YoungPersonChanged.fullName,
                    try YoungPersonChanged(youngPerson: person).serializedBytes()
                ),
            ] {
                try Caseload.apply(Change(kind: kind, body: body), in: transaction)
            }
            return try #require(try Caseload.find("p", in: transaction))
        }
    }
}
