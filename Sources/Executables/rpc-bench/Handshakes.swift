import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import TLS

/// Opens and closes connections, as fast as the server takes them.
struct Handshakes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tells how many mutual-TLS handshakes a server does per second and core."
    )

    enum Kind: String, ExpressibleByArgument, CaseIterable {
        case full, resumed
    }

    @OptionGroup var target: Target

    @Option(help: "full, or resumed from the session of the connection before.")
    var kind = Kind.full

    @Option(help: "Connections that are opened at once.")
    var inFlight = 8

    @Option(help: "How many connections are opened in all.")
    var count = 4000

    func validate() throws {
        guard (1...1000).contains(inFlight), (1...1_000_000).contains(count) else {
            throw ValidationError("--in-flight takes 1 to 1000, --count 1 to 1000000.")
        }
    }

    func run() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: target.loops)
        let context = try target.certificates.client()
        // No session is remembered for a peer without a name.
        let peer: TLSPeer = kind == .full ? .anyone : .service(Certificates.name)
        try await open(group.next(), context, peer)
        let before = target.serverPid.flatMap(Usage.init(ofProcess:))
        let own = Usage(ofProcess: getpid())
        let start = NIODeadline.now()
        let resumed = try await withThrowingTaskGroup(of: Int.self) { tasks in
            for lane in 0..<inFlight {
                let mine = count / inFlight + (lane < count % inFlight ? 1 : 0)
                let eventLoop = group.next()
                tasks.addTask {
                    var resumed = 0
                    for _ in 0..<mine where try await open(eventLoop, context, peer) {
                        resumed += 1
                    }
                    return resumed
                }
            }
            return try await tasks.reduce(0, +)
        }
        let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        guard resumed == (kind == .full ? 0 : count) else { throw WrongKind(resumed: resumed) }
        let after = target.serverPid.flatMap(Usage.init(ofProcess:))
        var report = Report()
        report.add("handshakes_per_second", Double(count) / seconds)
        report.add("seconds", seconds, "s")
        if let own, let now = Usage(ofProcess: getpid()) {
            report.add("client_cpu_us_per_handshake", perHandshake(now.since(own)), "µs")
        }
        if let before, let used = after?.since(before) {
            report.add("server_cpu_us_per_handshake", perHandshake(used), "µs")
            report.add("handshakes_per_server_core", Double(count) / used.cpuSeconds, "/s")
        }
        report.write(asJSON: target.json)
    }

    private func perHandshake(_ usage: Usage) -> Double { usage.cpuSeconds * 1e6 / Double(count) }

    /// - Returns: Whether a session was resumed.
    @discardableResult
    private func open(
        _ eventLoop: any EventLoop,
        _ context: TLSContext,
        _ peer: TLSPeer
    ) async throws -> Bool {
        let (channel, wasResumed) = try await RawConnection.open(
            on: eventLoop,
            context,
            expecting: peer,
            port: target.port,
            saysHello: false
        )
        try await channel.close()
        return wasResumed
    }
}

/// Some handshakes were of the other kind.
struct WrongKind: Error, CustomStringConvertible {
    let resumed: Int

    var description: String { "\(resumed) handshakes resumed a session." }
}
