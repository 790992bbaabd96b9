import ClientKit
import Contracts
import Foundation
import LoadTest
import NIOCore
import NIOPosix
import RPC
import Synchronization

/// What all runs of one command line share: people, connections, the live line and Ctrl-C.
struct Runner {
    let options: LoadOptions
    let way: Way
    let seed: UInt64
    let run: UInt64
    let population: Population
    let connectionCount: Int
    let loops: [any EventLoop]
    private let deployment = Deployment()
    private let interrupt = Interrupt()

    init(_ options: LoadOptions, way: Way, seed: UInt64, youngPeople: Int, connections: Int?) throws
    {
        self.options = options
        self.way = way
        self.seed = seed
        run = options.run ?? UInt64.random(in: 1...UInt64(UInt32.max))
        population = try Population(seed: seed, youngPeople: youngPeople)
        let all = Array(MultiThreadedEventLoopGroup.singleton.makeIterator())
        connectionCount = connections ?? all.count
        loops = Array(all.prefix(connectionCount))
        ShortSlices.request(for: loops)
    }

    /// Most calls under way.
    var underWayMax: Int {
        options.underWay ?? min(connectionCount * Limits.underWayPerConnection, Limits.underWayMax)
    }

    /// The wall clock, in milliseconds since 1970 UTC.
    static var nowMs: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    /// Everyone as the services are to know them; opens sessions where calls need them.
    func cast(
        _ roles: Set<Persona>,
        by way: Way,
        people count: Int,
        assertsPeople: Bool = true
    ) async throws -> Cast {
        guard way == .gateway, !roles.isDisjoint(with: [.youngPerson, .counsellor]) else {
            let credentials: Cast.Credentials =
                way == .services && assertsPeople ? .asserted : .none
            return Cast(population: population, credentials: credentials)
        }
        let count = min(count, population.youngPeople)
        var people: [Population.Person] = []
        if roles.contains(.youngPerson) { people += (0..<count).map(population.youngPerson) }
        if roles.contains(.counsellor) {
            people += (0..<min(count, population.counsellors)).map(population.counsellor)
        }
        let tokens = try await openSessions(people)
        return Cast(population: population, takingPart: count, credentials: .tokens(tokens))
    }

    private func openSessions(_ people: [Population.Person]) async throws -> [String: String] {
        var book = SessionBook(path: options.sessions)
        try await deployment.withClient(of: "gateway") { gateway in
            try await deployment.withClient(of: "accounts") { accounts in
                try await book.open(
                    people,
                    gateway: AccountsClient(gateway),
                    accounts: AccountsClient(accounts),
                    random: { UInt64.random(in: .min ... .max) },
                    progress: { Terminal.show("opening sessions: \($0) of \(people.count)") }
                )
            }
        }
        Terminal.show("")
        return book.tokens
    }

    /// Runs `body` with open connections on `routes`.
    func withConnections<Result>(
        _ routes: Set<Route>,
        route: @escaping @Sendable (CallRequest) -> Route,
        _ body: (Connections) async throws -> Result
    ) async throws -> Result {
        let connections = try Connections(
            deployment,
            routes: routes,
            count: connectionCount,
            loops: loops,
            route: route
        )
        do {
            try await connections.open()
            let result = try await body(connections)
            await connections.close()
            return result
        } catch {
            await connections.close()
            throw error
        }
    }

    /// Says what Ctrl-C does.
    func onInterrupt(_ action: @escaping @Sendable () -> Void) { interrupt.onSet(action) }

    /// Whether Ctrl-C was pressed.
    var isInterrupted: Bool { interrupt.isSet }

    /// Makes the calls of a plan and sums them up.
    func measure(_ plan: LoadPlan, _ title: String, _ connections: Connections) async -> Summary {
        let run = LoadRun(plan, transport: connections.transport)
        let about = Summary.About(
            title: title,
            through: way.rawValue,
            connections: connectionCount,
            begun: Date().formatted(.iso8601),
            machine: OwnCost.machine()
        )
        let began = ContinuousClock.now
        let stopped = Mutex<Duration?>(nil)
        interrupt.onSet {
            stopped.withLock { $0 = ContinuousClock.now - began }
            run.stop()
        }
        let before = OwnCost.Reading()
        let recording = await withTaskGroup(of: Recording?.self) { group in
            group.addTask { await run.run(on: loops) }
            group.addTask {
                await Self.watch(run)
                return nil
            }
            var figures: Recording?
            for await recording in group {
                guard let recording else { continue }
                figures = recording
                group.cancelAll()
            }
            return figures ?? run.sofar
        }
        let cost = OwnCost.Reading().cost(since: before)
        Terminal.show("")
        return Summary(
            recording,
            of: plan,
            about: about,
            cost: cost,
            stoppedAfter: stopped.withLock { $0 }
        )
    }

    /// Shows how a run goes, twice a second, until cancelled.
    private static func watch(_ run: LoadRun) async {
        guard Terminal.isWatched else { return }
        var live = LiveLine()
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(500))
            if Task.isCancelled { return }
            Terminal.show(live.text(run.sofar, underWay: run.callsUnderWay))
        }
    }

    /// Prints and writes the result, judged by the options' and `more` conditions to fail on.
    ///
    /// - Throws: `ExitCode` 99 if it is no good.
    func finish(_ result: Summary, failIf more: [Objective] = []) throws {
        var summary = result
        let objectives = options.failIf + more
        summary.judge(failIf: objectives)
        print(SummaryText(summary).text, terminator: "")
        let strangers = ["PERMISSION_DENIED", "NOT_FOUND"]
        if summary.total.answered == 0,
            summary.errors.contains(where: { strangers.contains($0.code) })
        {
            Terminal.say(
                "No call was answered well. Is the population there? "
                    + "pe import people --synthetic \(population.youngPeople) --seed \(seed)"
            )
        }
        if let path = options.json { try Output.write(try summary.json(), to: path) }
        if let path = options.report { try Output.write(SummaryPage(summary).html, to: path) }
        if !summary.objectives.allSatisfy(\.isGood) { throw Output.failed }
    }
}
