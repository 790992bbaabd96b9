import Contracts
import Foundation
import RPC
import Testing

extension ProcessTests {
    /// A new offer reaches who looks for it, and an application counts, once, whatever dies between.
    @Suite struct AlertTests {
        private static let structure = "0190b6e0-0000-7000-8000-000000000101"
        private static let counsellor = "0190b6e0-0000-7000-8000-000000000111"
        private static let youngPerson = "0190b6e0-0000-7000-8000-000000000121"
        private static let search = "0190b6e0-0000-7000-8000-000000000131"
        private static let offer = "alert-1"

        /// A zone of France in which it is day for the next hours: notices leave people alone at
        /// night, and the test runs at any time.
        private static func dayZone() throws -> String {
            let zones = [
                "Europe/Paris", "America/Martinique", "America/Cayenne", "Indian/Reunion",
                "Indian/Mayotte", "Pacific/Noumea", "Pacific/Tahiti", "Pacific/Wallis",
            ]
            var calendar = Calendar(identifier: .gregorian)
            let zone = zones.first { name in
                guard let zone = TimeZone(identifier: name) else { return false }
                calendar.timeZone = zone
                return (8..<19).contains(calendar.component(.hour, from: Date()))
            }
            return try #require(zone)
        }

        /// A young person of a structure where it is day, signed in at the gateway.
        private func people(on system: RunningSystem) async throws -> CallOptions {
            let file = "\(system.directory)/people.csv"
            try """
            kind,id,name,first_name,last_name,email,time_zone,structure,counsellor
            structure,\(Self.structure),Structure de jour,,,,\(Self.dayZone()),,
            counsellor,\(Self.counsellor),,Conseil,Jour,conseil.jour@demo.example,,Structure de jour,
            young_person,\(Self.youngPerson),,Jeune,Jour,jeune.jour@demo.example,,Structure de jour,conseil.jour@demo.example
            """.write(toFile: file, atomically: true, encoding: .utf8)
            let imported = try system.pe(["import", "people", file])
            guard imported.status == 0 else { throw SystemFault("people: \(imported.error)") }
            let password = "a password of the tests"
            let activated = try system.pe(
                ["activate", "jeune.jour@demo.example", "--person", Self.youngPerson],
                input: password + "\n"
            )
            guard activated.status == 0 else { throw SystemFault("activate: \(activated.error)") }
            let answer = try await AccountsClient(try system.client(of: "gateway")).signIn(
                SignInRequest(email: "jeune.jour@demo.example", password: password)
            )
            return CallOptions(metadata: ["authorization": "Bearer \(answer.token)"])
        }

        private func importOffer(on system: RunningSystem) throws {
            let file = "\(system.directory)/offer.ndjson"
            let offer =
                #"{"id":"\#(Self.offer)","intitule":"Souffleur de verre","#
                + #""description":"Vous soufflez.","dateCreation":"2026-11-20T08:00:00.000Z","#
                + #""lieuTravail":{"commune":"51454"},"typeContrat":"CDI","#
                + #""origineOffre":{"urlOrigine":"https://example.org/1"}}"#
            try offer.write(toFile: file, atomically: true, encoding: .utf8)
            let imported = try system.pe(["import", "offers", "--source", "france-travail", file])
            guard imported.status == 0 else { throw SystemFault("offers: \(imported.error)") }
        }

        private func restart(_ service: String, on system: RunningSystem) async throws {
            system.kill(service)
            try system.start(service)
            try await system.healthy(service)
        }

        @Test func aNewOfferReachesTheYoungPersonOnceOverKillsOfEveryProcess() async throws {
            try await withSystem { system in
                let person = try await people(on: system)
                let client = try system.client(of: "gateway")
                let saving = SaveSearchRequest(
                    id: Self.search,
                    search: NamedSearch(
                        name: "Verre à Reims",
                        criteria: SearchOffersRequest(words: "souffleuse de verre", place: "Reims")
                    )
                )
                try await eventually("the search is saved", within: .seconds(20)) {
                    // Offers learns of a new account moments later.
                    (try? await AlertsClient(client).saveSearch(saving, options: person)) != nil
                }
                try await restart("offers", on: system)
                try importOffer(on: system)
                for service in RunningSystem.services {
                    try await restart(service, on: system)
                }
                func notices() async throws -> [Notice] {
                    let page = try? await MessagingClient(client).listNotices(
                        ListNoticesRequest(),
                        options: person
                    )
                    return page?.notices ?? []
                }
                try await eventually("the notice", within: .seconds(90)) {
                    try await !notices().isEmpty
                }
                for service in ["offers", "messaging"] { try await restart(service, on: system) }
                let seen = try await notices()
                #expect(
                    seen.map(\.text) == ["1 nouvelle offre pour «\u{A0}Verre à Reims\u{A0}»"]
                )
                #expect(seen.map(\.subjectID) == [Self.search])
                let found = try await AlertsClient(client).listFoundOffers(
                    ListFoundOffersRequest(searchID: Self.search),
                    options: person
                )
                #expect(found.offers.map { $0.offer?.title } == ["Souffleur de verre"])
                try await applicationCounts(on: system, client, person)
            }
        }

        private func applicationCounts(
            on system: RunningSystem,
            _ client: RPCClient,
            _ person: CallOptions
        ) async throws {
            system.kill("actions")
            let request = RecordStepRequest(
                offerID: "france-travail:\(Self.offer)",
                step: .applied
            )
            let pursuits = PursuitsClient(client)
            let pursuit = try await pursuits.recordStep(request, options: person)
            #expect(pursuit.steps.map(\.step) == [.applied])
            try await restart("offers", on: system)
            try system.start("actions")
            try await system.healthy("actions")
            func minutes() async throws -> UInt32? {
                let week = try? await ActionsClient(client).getWeek(
                    GetWeekRequest(youngPersonID: Self.youngPerson),
                    options: person
                )
                return week?.doneMinutes
            }
            try await eventually("the hours of the application", within: .seconds(30)) {
                try await minutes() == 180
            }
            _ = try await pursuits.recordStep(request, options: person)
            try await restart("actions", on: system)
            let listed = try await ActionsClient(client).listActions(
                ListActionsRequest(youngPersonID: Self.youngPerson),
                options: person
            )
            #expect(listed.actions.map(\.content) == ["Répondre à une offre d'emploi"])
            #expect(listed.actions.map(\.description) == ["Souffleur de verre"])
            // Right after the restart a call may still find nobody; a second counting would stay.
            try await eventually("the hours, counted once", within: .seconds(30)) {
                try await minutes() == 180
            }
        }
    }
}
