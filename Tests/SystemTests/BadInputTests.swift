import Foundation
import Testing

extension ProcessTests {
    /// Wrong input on the command line and through the gateway: a clear answer, nothing stored.
    @Suite struct BadInputTests {
        @Test func theAnswerNamesWhatIsWrong() async throws {
            try await withSystem { system in
                try system.loadDemonstration()
                let secret = try String(
                    contentsOfFile: "\(system.directory)/demonstration.env",
                    encoding: .utf8
                )
                let counsellor = secret.split(separator: "\n")[0].drop { $0 != "=" }.dropFirst()
                let parts = counsellor.split(separator: ":", maxSplits: 1).map(String.init)
                let send = "Messaging/SendMessage"
                let person = "0190b6e0-0000-7000-8000-000000000021"
                let foreign = "0190b6e0-0000-7000-8000-000000000023"
                let id = "0190b6e0-0000-7000-8000-0000000000d1"

                // Nobody is signed in yet.
                try expect(system, send, "{}", code: 16, saying: "Sign in")
                try expect(
                    system,
                    send,
                    "{}",
                    ["-H", "authorization: Bearer x"],
                    code: 16,
                    saying: "session"
                )
                let wrong = try system.pe(["sign-in", parts[0]], input: "not the password\n")
                #expect(wrong.status == 64 + 16)
                let signedIn = try system.pe(["sign-in", parts[0]], input: parts[1] + "\n")
                #expect(signedIn.status == 0, "\(signedIn.error)")

                let long = String(repeating: "x", count: 4_001)
                let cases: [(String, Int32, String)] = [
                    (#"{"id":"\#(id)","youngPersonId":"\#(person)","text":"\#(long)"}"#, 3, "text"),
                    (#"{"id":"\#(id)","youngPersonId":"\#(person)","text":"   "}"#, 3, "text"),
                    (#"{"id":"\#(id)","youngPersonId":"\#(person)","text":"a\u0000b"}"#, 3, "text"),
                    (#"{"id":"nonsense","youngPersonId":"\#(person)","text":"a"}"#, 3, "id"),
                    (#"{"id":"\#(id)","youngPersonId":"\#(foreign)","text":"a"}"#, 7, "caseload"),
                    (#"{"id":"\#(id)","youngPersonId":"\#(person)","txt":"a"}"#, 3, "txt"),
                    ("{", 3, "JSON"),
                ]
                for (json, code, words) in cases {
                    try expect(system, send, json, code: code, saying: words)
                }
                try expect(
                    system,
                    "Agenda/BookAppointment",
                    #"{"id":"\#(id)","youngPersonId":"\#(person)","modality":"BY_TELEPHONE","startMs":"2","endMs":"1"}"#,
                    code: 3,
                    saying: "_ms"
                )
                try expect(
                    system,
                    "Agenda/GetAppointment",
                    #"{"id":"\#(id)"}"#,
                    code: 5,
                    saying: "appointment"
                )
                try expect(
                    system,
                    "Accounts/CheckSession",
                    "{}",
                    ["--to", "gateway"],
                    code: 7,
                    saying: "not open to clients"
                )
                let page = try system.pe(
                    ["call", "Messaging/ListMessages", "-d", #"{"youngPersonId":"\#(person)"}"#]
                )
                #expect(page.output == "{}\n", "nothing was stored: \(page.output)")
            }
        }

        private func expect(
            _ system: RunningSystem,
            _ method: String,
            _ json: String,
            _ more: [String] = [],
            code: Int32,
            saying words: String
        ) throws {
            let outcome = try system.pe(["call", method, "-d", json] + more)
            #expect(outcome.status == 64 + code, "\(json.prefix(200)): \(outcome.error)")
            #expect(outcome.error.contains(words), "\(outcome.error)")
            #expect(outcome.output.isEmpty)
        }

        @Test func aWrongCommandLineSaysWhatWouldBeRight() throws {
            let pe = "\(RunningSystem.binaries)/pe"
            let unknown = try Command.run(pe, ["call", "Agenda/Nothing"])
            #expect(unknown.status == 2)
            #expect(unknown.error.contains("BookAppointment"))
            #expect(try Command.run(pe, ["nonsense"]).status == 2)
            #expect(try Command.run(pe, ["--help"]).status == 0)
        }

        @Test func aBadPeopleFileChangesNothing() async throws {
            try await withSystem { system in
                let path = "\(system.directory)/people.csv"
                let text = """
                    kind,id,name,first_name,last_name,email,time_zone,structure,counsellor
                    structure,,Une structure,,,,Europe/Paris,,
                    structure,,Une autre,,,,Europe/Nowhere,,
                    """
                try Data(text.utf8).write(to: URL(filePath: path))
                let refused = try system.pe(["import", "people", path])
                #expect(refused.status == 64 + 3)
                #expect(refused.error.contains("3"), "\(refused.error)")
                let people = try system.pe(["call", "Accounts/ListPeople"])
                #expect(people.output == "{}\n", "\(people.error)")
            }
        }
    }
}
