import NIOCore

@testable import RPC

/// A client and a server in memory, with a scheduler between them that delays, splits, cuts and
/// kills.
///
/// All that happens follows from the seed.
final class Simulation {
    private var random: SeededRandom
    private let setting: SimulationSetting
    private let ledger = Ledger()
    private let client: SimulatedClient
    private let server: SimulatedServer
    private var toServer = SimulatedWire()
    private var toClient = SimulatedWire()
    private var now = NIODeadline.uptimeNanoseconds(1 << 40)
    private var plans: [CallPlan]
    private var hasBroken = false
    /// What happened, if somebody wants to read it.
    private var trace: [String]?

    init(seed: UInt64, isTraced: Bool = false) {
        random = SeededRandom(seed: seed)
        setting = SimulationSetting(&random)
        client = SimulatedClient(setting, ledger, now: now)
        server = SimulatedServer(setting, ledger, now: now)
        plans = []
        for _ in 0..<setting.calls { plans.append(CallPlan(&random, setting)) }
        trace = isTraced ? ["\(setting)"] : nil
    }

    /// Runs until all is over.
    ///
    /// - Returns: The ways in which calls ended.
    /// - Throws: `Violation`, with what happened last if the run is traced.
    func run() throws -> Set<Ledger.Ending> {
        do {
            if setting.isSmall { try exchangeHellos() }
            for step in 0..<setting.steps {
                if step == setting.mishapStep { try mishap() }
                try doSomething()
                try noticeEnds()
            }
            try settle()
            try ledger.close()
            return ledger.endings
        } catch let violation as Violation {
            guard let trace else { throw violation }
            throw Violation("\(violation)\n" + trace.suffix(80).joined(separator: "\n"))
        }
    }

    private func note(_ what: @autoclosure () -> String) {
        trace?.append(what())
    }

    /// Both know each other's limits before the first call.
    private func exchangeHellos() throws {
        while try flushAll() || deliverAll() {}
    }

    private func doSomething() throws {
        switch random.below(100) {
        case 0..<12: try open()
        case 12..<30: if try client.write(&random) { note("a caller writes") }
        case 30..<42: if try client.read(&random) { note("a caller reads or gives up") }
        case 42..<60: if try server.step(&random) { note("a handler moves") }
        case 60..<68: if client.flush(&toServer) { note("the client flushes") }
        case 68..<76: if server.flush(&toClient) { note("the server flushes") }
        case 76..<86: try deliverToServer(chunk())
        case 86..<96: try deliverToClient(chunk())
        default: try passTime()
        }
    }

    /// A few bytes, or many.
    private func chunk() -> Int {
        switch random.below(4) {
        case 0: random.within(1...12)
        case 1: random.within(1...100)
        default: 1 << 20
        }
    }

    private func open() throws {
        guard client.canOpen, let plan = plans.popLast() else { return }
        note("call \(setting.calls - plans.count - 1): \(plan)")
        try client.open(plan, now: now)
    }

    private func deliverToServer(_ count: Int) throws {
        guard let bytes = toServer.arrive(count) else { return }
        note("\(bytes.readableBytes) bytes arrive at the server")
        try server.arrived(bytes, now: now)
    }

    private func deliverToClient(_ count: Int) throws {
        guard let bytes = toClient.arrive(count) else { return }
        note("\(bytes.readableBytes) bytes arrive at the client")
        try client.arrived(bytes, now: now)
    }

    /// Without leaps no limit but a call's own runs out.
    private func passTime() throws {
        now = now + .milliseconds(Int64(setting.hasTime ? random.within(1...4_000) : 1))
        note("it is \(now.uptimeNanoseconds / 1_000_000) ms")
        try client.tick(now)
        try server.tick(now)
    }

    private func mishap() throws {
        guard let mishap = setting.mishap else { return }
        note("\(mishap)")
        switch mishap {
        case .cut:
            toServer.cut(after: random.below(toServer.count + 1))
            toClient.cut(after: random.below(toClient.count + 1))
        case .clientDies: toServer.cut(after: random.below(toServer.count + 1))
        case .serverDies:
            toClient.cut(after: random.below(toClient.count + 1))
            toServer.cut(after: 0)
        case .drain: server.beginDrain(now: now, limit: now + .seconds(10))
        }
        hasBroken = mishap != .drain
        if mishap == .serverDies { server.lost() }
        if mishap == .clientDies {
            try client.lost()
            toClient.cut(after: 0)
        }
    }

    /// An end that is closed is noticed by the other.
    private func noticeEnds() throws {
        if toServer.takeEnd() {
            note("the server notices the end")
            server.lost()
            toClient.close()
        }
        if toClient.takeEnd() {
            note("the client notices the end")
            try client.lost()
            toServer.close()
        }
    }

    /// Everything that can happen happens, without a clock: what is left then is stuck.
    private func settle() throws {
        note("settling")
        var rounds = 0
        while try settleOnce() {
            rounds += 1
            guard rounds < 10_000 else { throw Violation("no end of it") }
        }
        guard !client.isClosed else {
            guard server.handlerCount == 0, server.state.streams.count == 0 else {
                throw Violation("the server keeps \(server.state.streams.count) streams")
            }
            return
        }
        guard !hasBroken else {
            throw Violation("the client does not know that the connection is gone")
        }
        guard client.state.streams.count == 0, server.state.streams.count == 0,
            server.state.streams.openCount == 0
        else {
            throw Violation(
                "stuck with \(client.state.streams.count) streams at the client, "
                    + "\(server.state.streams.count) at the server"
            )
        }
        guard setting.mishap != .drain, !setting.hasTime else { return }
        guard plans.isEmpty else { throw Violation("the client opens no more calls") }
    }

    private func settleOnce() throws -> Bool {
        var hasMoved = try flushAll()
        if try deliverAll() { hasMoved = true }
        if try client.stepAll() { hasMoved = true }
        if try server.stepAll(&random) { hasMoved = true }
        if client.canOpen, !plans.isEmpty {
            try open()
            hasMoved = true
        }
        try noticeEnds()
        return hasMoved
    }

    private func flushAll() throws -> Bool {
        let client = client.flush(&toServer)
        return server.flush(&toClient) || client
    }

    private func deliverAll() throws -> Bool {
        guard toServer.count + toClient.count > 0 else { return false }
        try deliverToServer(.max)
        try deliverToClient(.max)
        return true
    }
}
