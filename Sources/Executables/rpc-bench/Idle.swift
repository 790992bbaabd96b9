import ArgumentParser
import NIOCore
import NIOPosix
import TLS

/// Holds connections that say nothing.
struct Idle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Holds idle connections and tells the server's memory and how many were lost."
    )

    @OptionGroup var target: Target

    @Option(help: "Connections.")
    var connections = 10_000

    @Option(help: "Seconds to hold them.")
    var hold = 10

    /// Connections that are opened at once.
    private static let opening = 32

    func validate() throws {
        guard target.serverPid != nil else { throw ValidationError("--server-pid is needed.") }
        guard (1...20_000).contains(connections), (0...86_400).contains(hold) else {
            throw ValidationError("--connections takes 1 to 20000, --hold 0 to 86400.")
        }
    }

    func run() async throws {
        guard let id = target.serverPid, let before = residentBytes(ofProcess: id) else {
            throw ValidationError("There is no process of that id.")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: target.loops)
        let channels = try await open(group)
        let opened = residentBytes(ofProcess: id) ?? 0
        try await Task.sleep(for: .seconds(hold))
        let held = residentBytes(ofProcess: id) ?? 0
        var report = Report()
        report.add("connections", Double(channels.count))
        report.add("lost", Double(channels.count { !$0.isActive }))
        report.add("server_rss_before_mib", Double(before) / 1_048_576, "MiB")
        report.add("server_rss_opened_mib", Double(opened) / 1_048_576, "MiB")
        report.add("server_rss_held_mib", Double(held) / 1_048_576, "MiB")
        report.add("server_bytes_per_connection", Double(held - before) / Double(channels.count))
        report.write(asJSON: target.json)
        for channel in channels { channel.close(promise: nil) }
    }

    private func open(_ group: MultiThreadedEventLoopGroup) async throws -> [any Channel] {
        let context = try target.certificates.client()
        return try await withThrowingTaskGroup(of: [any Channel].self) { tasks in
            for lane in 0..<Self.opening {
                let eventLoop = group.next()
                let mine = stride(from: lane, to: connections, by: Self.opening)
                tasks.addTask {
                    var channels: [any Channel] = []
                    for _ in mine {
                        let (channel, _) = try await RawConnection.open(
                            on: eventLoop,
                            context,
                            expecting: .service(Certificates.name),
                            port: target.port,
                            saysHello: true
                        )
                        channels.append(channel)
                    }
                    return channels
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
    }
}
