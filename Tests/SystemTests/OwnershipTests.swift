import Contracts
import Foundation
import NIOCore
import RPC
import Testing

extension ProcessTests {
    /// Every method of the table × every role × own and another's data, through the gateway.
    ///
    /// A new method without an entry in `targets` fails the test.
    @Suite struct OwnershipTests {
        private static let person = "0190b6e0-0000-7000-8000-000000000021"
        private static let appointment = "0190b6e0-0000-7000-8000-0000000000e1"
        private static let action = "0190b6e0-0000-7000-8000-0000000000e2"

        private static let search = "0190b6e0-0000-7000-8000-0000000000e3"
        private static let suggestion = "0190b6e0-0000-7000-8000-0000000000e4"

        /// How a method is pointed at what belongs to the first young person.
        private enum Target {
            /// A request about their data: strangers are refused.
            case theirs(String)
            /// A request that can only be about the caller: strangers see nothing of theirs.
            case callersOwn(String)
            /// Open to everyone, about nobody.
            case everyones
        }

        private static let id = #""youngPersonId":"\#(person)""#
        private static let targets: [String: Target] = [
            "Accounts/CreateYoungPerson": .callersOwn("{}"),
            "Accounts/RenewActivationCode": .theirs(#"{"personId":"\#(person)"}"#),
            "Accounts/SignOut": .everyones,
            "Accounts/ListSessions": .callersOwn("{}"),
            "Accounts/EndSession": .callersOwn(#"{"sessionId":"\#(action)"}"#),
            "Accounts/GetMe": .callersOwn("{}"),
            "Accounts/ListCaseload": .callersOwn("{}"),
            "Messaging/SendMessage": .theirs(#"{"id":"\#(action)",\#(id),"text":"a"}"#),
            "Messaging/ListMessages": .theirs("{\(id)}"),
            "Messaging/AcknowledgeMessages": .theirs("{\(id)}"),
            "Messaging/GetConversation": .theirs("{\(id)}"),
            "Messaging/ListConversations": .callersOwn("{}"),
            "Messaging/ListNotices": .callersOwn("{}"),
            "Messaging/MarkNoticesSeen": .callersOwn("{}"),
            "Agenda/BookAppointment": .theirs(booking("0190b6e0-0000-7000-8000-0000000000e9")),
            "Agenda/MoveAppointment": .theirs(
                #"{"id":"\#(appointment)","startMs":"\#(start)","endMs":"\#(start + 60_000)"}"#
            ),
            "Agenda/CancelAppointment": .theirs(#"{"id":"\#(appointment)"}"#),
            "Agenda/GetAppointment": .theirs(#"{"id":"\#(appointment)"}"#),
            "Agenda/ListAppointments": .callersOwn("{}"),
            "Actions/ListCatalogue": .everyones,
            "Actions/AssignAction": .theirs(assignment("0190b6e0-0000-7000-8000-0000000000ea")),
            "Actions/AddAction": .callersOwn("{}"),
            "Actions/ReportProgress": .theirs(
                #"{"id":"\#(action)","progress":{"status":"IN_PROGRESS"}}"#
            ),
            "Actions/GetAction": .theirs(#"{"id":"\#(action)"}"#),
            "Actions/ListActions": .theirs("{\(id)}"),
            "Actions/GetWeek": .theirs("{\(id)}"),
            "Actions/ListWeeks": .callersOwn("{}"),
            "Alerts/SaveSearch": .callersOwn("{}"),
            "Alerts/ChangeSearch": .theirs(#"{"id":"\#(search)",\#(namedSearch)}"#),
            "Alerts/DeleteSearch": .callersOwn(#"{"id":"\#(search)"}"#),
            "Alerts/ListSearches": .theirs("{\(id)}"),
            "Alerts/ListFoundOffers": .theirs(#"{"searchId":"\#(search)"}"#),
            "Alerts/Suggest": .theirs(suggesting("0190b6e0-0000-7000-8000-0000000000eb")),
            "Alerts/AnswerSuggestion": .theirs(#"{"id":"\#(suggestion)","accepted":true}"#),
            "Alerts/ListSuggestions": .theirs("{\(id)}"),
            "Pursuits/RecordStep": .callersOwn(
                #"{"offerId":"france-travail:900DEM0","step":"OFFER_SEEN"}"#
            ),
            "Pursuits/AnswerQuestion": .callersOwn(#"{"offerId":"france-travail:900DEM0"}"#),
            "Pursuits/ListPursuits": .theirs("{\(id)}"),
            "Pursuits/SetSharing": .callersOwn(#"{"shared":true}"#),
            "Offers/ApplyToOffer": .callersOwn("{}"),
            "Offers/ListApplications": .theirs("{\(id)}"),
            "Offers/AddFavourite": .callersOwn("{}"),
            "Offers/RemoveFavourite": .callersOwn(#"{"offerId":"france-travail:900DEM0"}"#),
            "Offers/ListFavourites": .theirs("{\(id)}"),
            "Home/Get": .callersOwn("{}"),
            "Live/Watch": .everyones,
        ]

        // Far enough ahead for any day on which the test runs, and within the two years.
        private static let start = (Int64(Date().timeIntervalSince1970) / 86_400 + 30) * 86_400_000

        private static func booking(_ id: String) -> String {
            #"{"id":"\#(id)","youngPersonId":"\#(person)","modality":"BY_TELEPHONE","#
                + #""startMs":"\#(start)","endMs":"\#(start + 60_000)"}"#
        }

        private static func assignment(_ id: String) -> String {
            #"{"assignments":[{"id":"\#(id)","youngPersonId":"\#(person)"}],"#
                + #""content":{"catalogueId":"salon-forum"}}"#
        }

        private static let namedSearch =
            #""search":{"name":"Vente","criteria":{"words":"vendeur"}}"#

        private static func suggesting(_ id: String) -> String {
            #"{"targets":[{"id":"\#(id)","youngPersonId":"\#(person)"}],"#
                + #""content":{\#(namedSearch)}}"#
        }

        /// Someone signed in at the gateway.
        private struct Someone {
            let role: String
            let options: CallOptions
        }

        @Test func strangersAreRefusedAndOwnersAreNot() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                let stage = try await Stage(system)
                let client = stage.client
                let owners = [
                    Someone(role: "COUNSELLOR", options: stage.counsellor),
                    Someone(role: "YOUNG_PERSON", options: stage.youngPerson),
                ]
                let strangers = [
                    try await activated(
                        system,
                        client,
                        "conseil.reunion@demo.example",
                        12,
                        "COUNSELLOR"
                    ),
                    try await activated(
                        system,
                        client,
                        "jeune.reunion@demo.example",
                        23,
                        "YOUNG_PERSON"
                    ),
                    try await activated(system, client, "jeune2@demo.example", 22, "YOUNG_PERSON"),
                ]
                _ = try await call(
                    client,
                    "Agenda/BookAppointment",
                    Self.booking(Self.appointment),
                    owners[0]
                )
                _ = try await call(
                    client,
                    "Actions/AssignAction",
                    Self.assignment(Self.action),
                    owners[0]
                )

                _ = try await call(
                    client,
                    "Alerts/SaveSearch",
                    #"{"id":"\#(Self.search)",\#(Self.namedSearch)}"#,
                    owners[1]
                )
                _ = try await call(
                    client,
                    "Alerts/Suggest",
                    Self.suggesting(Self.suggestion),
                    owners[0]
                )

                for service in ContractsCatalogue.services {
                    for method in service.methods where Self.needsAccount(method) {
                        let name = method.path.split(separator: ".").last.map(String.init) ?? ""
                        let target = try #require(Self.targets[name], "\(name) has no entry")
                        try await check(client, name, method, target, owners, strangers)
                    }
                }
            }
        }

        /// Whether only people with an account may call a method.
        private static func needsAccount(_ method: MethodDescriptor) -> Bool {
            method.roles.contains { $0 == "COUNSELLOR" || $0 == "YOUNG_PERSON" }
                && !method.roles.contains("PUBLIC")
        }

        private func check(
            _ client: RPCClient,
            _ name: String,
            _ method: MethodDescriptor,
            _ target: Target,
            _ owners: [Someone],
            _ strangers: [Someone]
        ) async throws {
            switch target {
            case .everyones:
                break
            case .theirs(let json):
                for stranger in strangers {
                    let code = try await outcome(client, name, json, stranger).code
                    #expect(
                        code == .permissionDenied || code == .notFound,
                        "\(name) by a stranger, \(stranger.role): \(String(describing: code))"
                    )
                }
                for owner in owners where method.roles.contains(owner.role) {
                    // Cancelling would end what the other methods are pointed at.
                    guard name != "Agenda/CancelAppointment" else { continue }
                    let code = try await outcome(client, name, json, owner).code
                    #expect(
                        code != .permissionDenied && code != .notFound && code != .invalidArgument,
                        "\(name) by an owner, \(owner.role): \(String(describing: code))"
                    )
                }
            case .callersOwn(let json):
                for stranger in strangers {
                    let answer = try await outcome(client, name, json, stranger)
                    #expect(!answer.text.contains(Self.appointment), "\(name) shows an appointment")
                    #expect(!answer.text.contains(Self.action), "\(name) shows an action")
                    #expect(!answer.text.contains(Self.search), "\(name) shows a search")
                    if method.roles.contains(stranger.role) {
                        #expect(answer.code != .permissionDenied, "\(name) by \(stranger.role)")
                    } else {
                        #expect(answer.code == .permissionDenied, "\(name) by \(stranger.role)")
                    }
                }
            }
        }

        private func outcome(
            _ client: RPCClient,
            _ name: String,
            _ json: String,
            _ someone: Someone
        ) async throws -> (code: RPCError.Code?, text: String) {
            do {
                return (nil, try await call(client, name, json, someone))
            } catch let error as RPCError {
                return (error.code, "")
            }
        }

        private func call(
            _ client: RPCClient,
            _ name: String,
            _ json: String,
            _ someone: Someone
        ) async throws -> String {
            let methods = ContractsCatalogue.services.flatMap(\.methods)
            let method = try #require(methods.first { $0.path.hasSuffix(".\(name)") })
            let request = try method.request.init(jsonString: json)
            let answer = try await client.rawUnary(
                method,
                ByteBuffer(bytes: try request.serializedBytes()),
                options: someone.options
            )
            return try method.response.init(decoding: answer).jsonString()
        }

        private func activated(
            _ system: RunningSystem,
            _ client: RPCClient,
            _ email: String,
            _ number: Int,
            _ role: String
        ) async throws -> Someone {
            let password = "a password of the tests"
            let person = "0190b6e0-0000-7000-8000-0000000000\(number)"
            let outcome = try system.pe(
                ["activate", email, "--person", person],
                input: password + "\n"
            )
            guard outcome.status == 0 else { throw SystemFault("activate: \(outcome.error)") }
            let answer = try await AccountsClient(client).signIn(
                SignInRequest(email: email, password: password)
            )
            let metadata: Metadata = ["authorization": "Bearer \(answer.token)"]
            return Someone(role: role, options: CallOptions(metadata: metadata))
        }
    }
}
