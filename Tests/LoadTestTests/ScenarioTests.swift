import ClientKit
import Foundation
import NIOCore
import RPC
import Synchronization
import Testing

@testable import LoadTest

@Suite struct ScenarioTests {
    private static let small = """
        title: A test
        population: { young_people: 200, seed: 7 }
        rate: 10
        duration: 20s
        arrivals: constant
        fail_if: ["Messaging/SendMessage:p99>50ms"]
        flows:
          - name: writes
            weight: 3
            as: young_person
            steps:
              - call: Messaging/ListMessages
                data: { young_person_id: "${young_person.id}", limit: 30 }
                capture: { newest: "messages[0].sequence" }
              - call: Messaging/AcknowledgeMessages
                data: { young_person_id: "${young_person.id}", read_through: "${newest}" }
                pause: 1s..2s
              - call: Messaging/SendMessage
                chance: 50%
          - name: looks
            as: counsellor
            steps:
              - call: home/get
        """

    @Test func theFileSaysEverything() throws {
        let scenario = try Scenario(yaml: Self.small)
        #expect(scenario.title == "A test")
        #expect(scenario.way == .gateway)
        #expect(scenario.seed == 7)
        #expect(scenario.youngPeople == 200)
        #expect(scenario.pattern == .constant)
        #expect(scenario.stages == [Arrivals.Stage(rate: 10, duration: .seconds(20))])
        #expect(scenario.failIf.map(\.text) == ["Messaging/SendMessage:p99>50ms"])
        #expect(scenario.roles == [.youngPerson, .counsellor])
        let workload = try scenario.workload(cast: try LoadScene.cast(), nowMs: LoadScene.nowMs)
        #expect(
            workload.stepNames == [
                "Messaging/ListMessages", "Messaging/AcknowledgeMessages",
                "Messaging/SendMessage", "Home/Get",
            ]
        )
        let write = try #require(workload.flows.first)
        #expect(write.steps[1].pause == .seconds(1) ... .seconds(2))
        #expect(write.steps[2].chance == 0.5)
    }

    /// Each fault with the line it stands on and the words that mend it.
    @Test(arguments: [
        ("rate: 10", "rate: fast", 3, "rate: Must be a number"),
        ("rate: 10", "rate: 0", 3, "rate: Must be above 0"),
        ("duration: 20s", "duration: 20", 4, "duration: Must be a time"),
        ("arrivals: constant", "arrivals: often", 5, "Must be one of constant, poisson"),
        ("arrivals: constant", "arrival: constant", 5, "arrival: Is not known here"),
        ("title: A test", "titel: A test", 1, "titel: Is not known here"),
        ("title: A test\n", "", 1, "title is missing"),
        ("p99>50ms", "p99>50", 6, "fail_if[0]: \"Messaging/SendMessage:p99>50\""),
        ("SendMessage:p99", "SendMesage:p99", 6, "no flow calls Messaging/SendMesage"),
        ("weight: 3", "weight: -3", 9, "flows[0].weight: Must be a number"),
        ("as: counsellor", "as: counselor", 21, "Must be one of young_person"),
        ("call: home/get", "call: home/got", 23, "flows[1].steps[0].call: There is no method"),
        ("call: home/get", "call: agenda/BookAppointmnt", 23, "BookAppointment, MoveAppointment"),
        ("call: home/get", "call: Live/Watch", 23, "is a stream"),
        (
            "call: home/get", "call: Actions/AddAction", 23,
            "is for YOUNG_PERSON, not for COUNSELLOR"
        ),
        ("messages[0].sequence", "messages[first]", 14, "capture.newest: Must be a path"),
        ("${newest}", "${newst}", 16, "steps[1].data: ${newst} is not known"),
        ("pause: 1s..2s", "pause: 2s..1s", 17, "pause: Must be a time or two"),
        ("chance: 50%", "chance: 150%", 19, "chance: Must be a share"),
        ("steps:\n      - call: home/get", "steps: []", 22, "Must hold at least one step"),
        ("rate: 10", "rate: 10\nrate: 11", 3, "twice"),
        ("rate: 10", "rate: [10", 4, "No YAML"),
    ])
    func faultsNameLineAndField(old: String, new: String, line: Int, words: String) throws {
        #expect(Self.small.contains(old))
        let yaml = Self.small.replacing(old, with: new, maxReplacements: 1)
        let fault = #expect(throws: ScenarioFault.self) { try Scenario(yaml: yaml) }
        #expect(fault?.line == line, "\(fault?.description ?? "")")
        #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
    }

    @Test func dataThatIsNoRequestIsNamedByLine() throws {
        let yaml = Self.small.replacing("limit: 30", with: "limt: 30")
        let scenario = try Scenario(yaml: yaml)
        let fault = #expect(throws: ScenarioFault.self) {
            try scenario.workload(cast: try LoadScene.cast(), nowMs: LoadScene.nowMs)
        }
        #expect(fault?.line == 13)
        #expect(fault?.field == "flows[0].steps[0].data")
        #expect(fault?.description.contains("limt") == true)
    }

    @Test func flowsFollowTheirWeightsAndUseWhatTheyCaptured() async throws {
        // Without pauses, which this clock would jump over for everyone.
        let plan = try plan(Self.small.replacing("pause: 1s..2s", with: "pause: 0s"))
        let acknowledged = Mutex<[String]>([])
        let run = LoadRun(plan) { request in
            switch request.method.name {
            case "ListMessages":
                // Every other conversation is empty: then there is nothing to acknowledge.
                guard request.flow % 2 == 0 else { return ByteBuffer() }
                let answer = try request.method.response.init(
                    jsonString: #"{"messages":[{"sequence":"41"},{"sequence":"40"}]}"#
                )
                return ByteBuffer(bytes: try answer.serializedBytes())
            case "AcknowledgeMessages":
                let message = try request.method.request.init(
                    serializedBytes: Array(request.payload.readableBytesView)
                )
                let json = try message.jsonString()
                acknowledged.withLock { $0.append(json) }
                return ByteBuffer()
            default: return ByteBuffer()
            }
        }
        let summary = LoadScene.summary(await run.run(by: JumpClock()), plan)
        let counts = summary.steps.map(\.answered)
        #expect(counts[0] + counts[3] == 200)
        // Three of four, within four standard deviations.
        #expect((125...175).contains(counts[0]))
        #expect(summary.skippedCalls + counts[1] == counts[0])
        #expect(counts[1] > 30)
        #expect((30...120).contains(counts[2]))
        #expect(acknowledged.withLock { $0.allSatisfy { $0.contains(#""readThrough":"41""#) } })
    }

    @Test func theRunEndsForThoseInTheMiddleOfSomething() async throws {
        let plan = try plan(Self.small.replacing("pause: 1s..2s", with: "pause: 30s"))
        let run = LoadRun(plan) { request in
            let answer = try request.method.response.init(
                jsonString: request.method.name == "ListMessages"
                    ? #"{"messages":[{"sequence":"1"}]}"# : "{}"
            )
            return ByteBuffer(bytes: try answer.serializedBytes())
        }
        let summary = LoadScene.summary(await run.run(by: JumpClock()), plan)
        #expect(summary.steps[0].answered > 100)
        #expect(summary.steps[1].planned == 0)
        #expect(summary.steps[2].planned == 0)
    }

    @Test func aFailedCallEndsItsFlow() async throws {
        let plan = try plan(Self.small)
        let run = LoadRun(plan) { request in
            if request.method.name == "ListMessages" { throw RPCError(.notFound, "Nobody.") }
            return ByteBuffer()
        }
        let summary = LoadScene.summary(await run.run(by: JumpClock()), plan)
        #expect(summary.steps[0].failed > 100)
        #expect(summary.steps[1].planned == 0)
        #expect(summary.steps[2].planned == 0)
    }

    @Test func scaleAndDurationChangeEveryStage() throws {
        var scenario = try Scenario(yaml: try Self.shipped("reminders"))
        let count = scenario.stages.reduce(0) { $0 + $1.rate * $1.seconds }
        scenario.scale(by: 2)
        scenario.last(scenario.duration / 4)
        let after = scenario.stages.reduce(0) { $0 + $1.rate * $1.seconds }
        #expect(abs(after - count / 2) < 1e-6)
    }

    @Test(arguments: ["morning", "monday", "reminders"])
    func whatIsShippedCanBeRun(name: String) throws {
        let scenario = try Scenario(yaml: try Self.shipped(name))
        #expect(scenario.youngPeople == 400_000)
        let population = try Population(seed: scenario.seed, youngPeople: scenario.youngPeople)
        let cast = Cast(population: population, takingPart: scenario.people, credentials: .none)
        let workload = try scenario.workload(cast: cast, nowMs: LoadScene.nowMs)
        #expect(!workload.stepNames.isEmpty)
    }

    private func plan(_ yaml: String) throws -> LoadPlan {
        let scenario = try Scenario(yaml: yaml)
        var plan = try LoadScene.plan()
        plan.workload = try scenario.workload(cast: plan.cast, nowMs: LoadScene.nowMs)
        plan.pace = .open(Arrivals(stages: scenario.stages, pattern: scenario.pattern, seed: 1))
        return plan
    }

    private static func shipped(_ name: String) throws -> String {
        let top = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = top.appending(path: "deploy/load/\(name).yaml").path
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}
