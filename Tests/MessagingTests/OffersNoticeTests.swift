import Contracts
import RPC
import ServiceKit
import Storage
import Testing

@testable import Messaging

/// What offers' feed tells people, and when.
@Suite struct OffersNoticeTests {
    private let search = "0190b6e0-0000-7000-8000-0000000000f1"

    /// Brings one change of offers' feed in, at the harness' time.
    private func apply(
        _ body: any ProtobufMessage,
        _ sequence: UInt64,
        counsellorID: String = "",
        in harness: MessagingHarness
    ) async throws {
        let change = Change(
            sequence: sequence,
            timeMs: harness.clock.now.milliseconds,
            kind: type(of: body).fullName,
            youngPersonID: MessagingHarness.lea,
            counsellorID: counsellorID,
            body: try body.serializedBytes()
        )
        let now = harness.clock.now
        try await harness.database.write { transaction in
            try NoticeFeed.offers.apply(change, at: now, in: transaction)
        }
    }

    private func found(_ count: UInt32, name: String = "Vente") -> OffersFound {
        OffersFound(
            searchID: search,
            youngPersonID: MessagingHarness.lea,
            name: name,
            count: count
        )
    }

    /// Lets the clock of postponed notices look once, as a process does that has just started;
    /// answers how long it would sleep.
    @discardableResult
    private func tick(_ harness: MessagingHarness) async throws -> Duration {
        let now = harness.clock.now
        return try await NoticeClock(
            postponed: PostponedNotices(database: harness.database),
            now: { now },
            sleep: { _ in },
            report: { _ in }
        ).giveOutDue()
    }

    private func texts(_ harness: MessagingHarness) async throws -> [String] {
        try await harness.notices(as: .lea).notices.map(\.text)
    }

    @Test func whatASearchFindsInARowIsToldTogether() async throws {
        try await withMessaging { harness in
            try await apply(found(1), 1, in: harness)
            try await tick(harness)
            #expect(try await texts(harness) == [])
            harness.clock.advance(by: .seconds(20))
            try await apply(found(2), 2, in: harness)
            harness.clock.advance(by: .seconds(10))
            try await tick(harness)
            try await tick(harness)
            let notices = try await harness.notices(as: .lea).notices
            #expect(notices.map(\.text) == ["3 nouvelles offres pour «\u{A0}Vente\u{A0}»"])
            #expect(notices.map(\.kind) == [.offersFound])
            #expect(notices.map(\.subjectID) == [search])
            #expect(notices.map(\.timeMs) == [harness.clock.now.milliseconds])
        }
    }

    @Test func aSearchIsToldOfAtMostOnceAnHour() async throws {
        try await withMessaging { harness in
            try await apply(found(1), 1, in: harness)
            harness.clock.advance(by: Limits.gatherDelay)
            try await tick(harness)
            for sequence in UInt64(2)...61 {
                harness.clock.advance(by: .seconds(59))
                try await apply(found(1), sequence, in: harness)
                try await tick(harness)
            }
            // 59 minutes later all of them still wait.
            #expect(try await texts(harness).count == 1)
            harness.clock.advance(by: .seconds(60))
            try await tick(harness)
            #expect(
                try await texts(harness) == [
                    "60 nouvelles offres pour «\u{A0}Vente\u{A0}»",
                    "1 nouvelle offre pour «\u{A0}Vente\u{A0}»",
                ]
            )
        }
    }

    @Test func twoSearchesAreToldApart() async throws {
        try await withMessaging { harness in
            var other = found(2, name: "Soin")
            other.searchID = "0190b6e0-0000-7000-8000-0000000000f2"
            try await apply(found(1), 1, in: harness)
            try await apply(other, 2, in: harness)
            harness.clock.advance(by: Limits.gatherDelay)
            try await tick(harness)
            #expect(Set(try await texts(harness)).count == 2)
        }
    }

    @Test func aFeedReadAgainTellsNothingTwice() async throws {
        try await withMessaging { harness in
            try await apply(found(1), 1, in: harness)
            try await apply(found(1), 1, in: harness)
            harness.clock.advance(by: Limits.gatherDelay)
            try await tick(harness)
            try await apply(found(1), 1, in: harness)
            harness.clock.advance(by: .seconds(7_200))
            try await tick(harness)
            #expect(
                try await texts(harness) == ["1 nouvelle offre pour «\u{A0}Vente\u{A0}»"]
            )
        }
    }

    /// The structure is in Paris, where the harness' clock starts at 10:00 on a Tuesday.
    @Test func nobodyIsToldBetweenEightInTheEveningAndEightInTheMorning() async throws {
        try await withMessaging { harness in
            harness.clock.advance(by: .seconds(36_000 - 30))
            try await apply(found(1), 1, in: harness)
            harness.clock.advance(by: .seconds(30))
            // 20:00 sharp.
            try await tick(harness)
            #expect(try await texts(harness) == [])
            harness.clock.advance(by: .seconds(3_600))
            try await apply(found(2), 2, in: harness)
            harness.clock.advance(by: .seconds(11 * 3_600) - .milliseconds(1))
            let rest = try await tick(harness)
            #expect(try await texts(harness) == [])
            #expect(rest == .milliseconds(1))
            harness.clock.advance(by: .milliseconds(1))
            try await tick(harness)
            #expect(
                try await texts(harness) == ["3 nouvelles offres pour «\u{A0}Vente\u{A0}»"]
            )
        }
    }

    @Test func aRenamedSearchIsToldByItsNewNameAndADeletedOneNotAtAll() async throws {
        try await withMessaging { harness in
            let renamed = SavedSearch(
                id: search,
                youngPersonID: MessagingHarness.lea,
                search: NamedSearch(name: "Vente à Lyon")
            )
            try await apply(found(1), 1, in: harness)
            try await apply(SearchSaved(search: renamed), 2, in: harness)
            harness.clock.advance(by: Limits.gatherDelay)
            try await tick(harness)
            #expect(
                try await texts(harness) == ["1 nouvelle offre pour «\u{A0}Vente à Lyon\u{A0}»"]
            )
            try await apply(found(5), 3, in: harness)
            try await apply(SearchDeleted(searchID: search), 4, in: harness)
            harness.clock.advance(by: .seconds(7_200))
            try await tick(harness)
            #expect(try await texts(harness).count == 1)
        }
    }

    @Test func haveYouAppliedIsAskedOnce() async throws {
        try await withMessaging { harness in
            let offer = OfferSummary(id: "france-travail:A", title: "Vendeuse")
            let open = Pursuit(
                youngPersonID: MessagingHarness.lea,
                offer: offer,
                question: .questionOpen
            )
            try await apply(PursuitChanged(pursuit: open), 1, in: harness)
            harness.clock.advance(by: Limits.questionDelay)
            try await tick(harness)
            // The link is followed again.
            try await apply(PursuitChanged(pursuit: open), 2, in: harness)
            harness.clock.advance(by: Limits.questionDelay)
            try await tick(harness)
            let notices = try await harness.notices(as: .lea).notices
            #expect(notices.map(\.text) == ["Avez-vous postulé à «\u{A0}Vendeuse\u{A0}»\u{A0}?"])
            #expect(notices.map(\.kind) == [.appliedQuestioned])
            #expect(notices.map(\.subjectID) == ["france-travail:A"])
        }
    }

    @Test func whoAnsweredBeforeIsNotAsked() async throws {
        try await withMessaging { harness in
            var pursuit = Pursuit(
                youngPersonID: MessagingHarness.lea,
                offer: OfferSummary(id: "france-travail:A", title: "Vendeuse"),
                question: .questionOpen
            )
            try await apply(PursuitChanged(pursuit: pursuit), 1, in: harness)
            pursuit.question = .questionAnswered
            try await apply(PursuitChanged(pursuit: pursuit), 2, in: harness)
            harness.clock.advance(by: Limits.questionDelay)
            try await tick(harness)
            #expect(try await texts(harness) == [])
        }
    }

    @Test func aSuggestionAndItsAnswerAreToldAtOnce() async throws {
        try await withMessaging { harness in
            var suggestion = Suggestion(
                id: "0190b6e0-0000-7000-8000-0000000000f3",
                youngPersonID: MessagingHarness.lea,
                counsellorID: MessagingHarness.counsellor,
                state: .suggestionWaiting,
                offer: OfferSummary(id: "france-travail:A")
            )
            let counsellor = MessagingHarness.counsellor
            try await apply(
                SuggestionMade(suggestion: suggestion),
                1,
                counsellorID: counsellor,
                in: harness
            )
            suggestion.state = .suggestionAccepted
            for _ in 0..<2 {
                try await apply(
                    SuggestionAnswered(suggestion: suggestion),
                    2,
                    counsellorID: counsellor,
                    in: harness
                )
            }
            #expect(try await texts(harness) == ["Votre conseiller vous suggère une offre"])
            let theirs = try await harness.notices(as: .theirCounsellor).notices
            #expect(theirs.map(\.text) == ["Léa Martin a accepté une suggestion"])
            #expect(theirs.map(\.kind) == [.suggestionReplied])
        }
    }

    @Test func thePurgeForgetsWhatWasTold() async throws {
        try await withMessaging { harness in
            try await apply(found(1), 1, in: harness)
            harness.clock.advance(by: Limits.gatherDelay)
            try await tick(harness)
            let postponed = PostponedNotices(database: harness.database)
            #expect(try await postponed.purge(at: harness.clock.now) == 0)
            harness.clock.advance(by: Limits.noticeAge + .milliseconds(1))
            #expect(try await postponed.purge(at: harness.clock.now) == 1)
        }
    }
}

@Suite struct QuietHoursTests {
    @Test(arguments: [
        // Local wall clock of the zone on 24 November 2026, and hours until people may be told.
        ("Europe/Paris", 7.5, 0.5), ("Europe/Paris", 8.0, 0), ("Europe/Paris", 19.99, 0),
        ("Europe/Paris", 20.0, 12), ("Europe/Paris", 23.5, 8.5), ("Pacific/Noumea", 0.0, 8),
        ("America/Martinique", 12.0, 0), ("Indian/Reunion", 21.0, 11),
    ])
    func endAtEight(zone: String, hour: Double, hours: Double) throws {
        let calendar = try LocalCalendar(timeZone: zone)
        let day = try #require(LocalDay("2026-11-24"))
        let now = calendar.instant(day, clockMs: Int64(hour * 3_600_000))
        let end = QuietHours.end(from: now, in: calendar)
        #expect(end.since(now) == .milliseconds(Int64(hours * 3_600_000)))
    }

    @Test func theNightOfTheClockChangeIsAnHourLonger() throws {
        let calendar = try LocalCalendar(timeZone: "Europe/Paris")
        let day = try #require(LocalDay("2026-10-24"))
        let now = calendar.instant(day, hour: 20)
        #expect(QuietHours.end(from: now, in: calendar).since(now) == .seconds(13 * 3_600))
    }
}
