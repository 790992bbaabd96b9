import Contracts
import Foundation
import Logging
import NIOPosix
import RPC
import Synchronization
import TLS

/// The six processes as an operator runs them, in a directory and on ports of their own.
final class RunningSystem: Sendable {
    static let services = ["accounts", "messaging", "agenda", "actions", "offers", "gateway"]

    /// The repository's top.
    static let top = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Where the processes were built: beside the test bundle.
    static let binaries: String = {
        let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return ((link ?? "") as NSString).deletingLastPathComponent
    }()

    let directory: String
    let ports: [String: Int]
    /// Where the process whose clients show no certificates answers operators.
    let operatorPort: Int
    private let processes = Mutex<[String: Process]>([:])

    /// Makes certificates and chooses ports, for `more` processes too; starts nothing yet.
    init(_ more: [String] = []) throws {
        directory = NSTemporaryDirectory() + "pass-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory,
            withIntermediateDirectories: true
        )
        let names = Self.services + more
        let free = try FreePorts.take(names.count + 1)
        ports = Dictionary(uniqueKeysWithValues: zip(names, free))
        operatorPort = free[names.count]
        let made = try Command.run(
            "\(Self.top)/deploy/certs",
            ["\(directory)/certificates"] + Self.services + more + ["operator"]
        )
        guard made.status == 0 else { throw SystemFault("deploy/certs: \(made.error)") }
    }

    /// What every process and `pe` are told.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["PASS_CERTIFICATES"] = "\(directory)/certificates"
        environment["PASS_SESSION"] = "\(directory)/session"
        environment["PASS_DEMONSTRATION"] = "\(directory)/demonstration.env"
        for (service, port) in ports {
            environment["PASS_\(service.uppercased())"] = "127.0.0.1:\(port)"
        }
        environment["PASS_GATEWAY_OPERATORS"] = "127.0.0.1:\(operatorPort)"
        return environment
    }

    /// Starts a service; `changes` are made to its environment.
    func start(_ service: String, changes: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "\(Self.binaries)/\(service)")
        var environment = environment
        environment["PASS_LISTEN"] = "127.0.0.1:\(ports[service] ?? 0)"
        environment["PASS_DATA"] = "\(directory)/data/\(service)"
        if ["gateway", "rpc-echo"].contains(service) {
            environment["PASS_OPERATOR_LISTEN"] = "127.0.0.1:\(operatorPort)"
        }
        environment.merge(changes) { $1 }
        process.environment = environment
        let log = "\(directory)/\(service).log"
        if !FileManager.default.fileExists(atPath: log) {
            _ = FileManager.default.createFile(atPath: log, contents: nil)
        }
        let handle = FileHandle(forWritingAtPath: log)
        handle?.seekToEndOfFile()
        process.standardError = handle
        process.standardOutput = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
        processes.withLock { $0[service] = process }
    }

    /// Starts all and waits until each is healthy.
    func startAll() async throws {
        for service in Self.services { try start(service) }
        for service in Self.services { try await healthy(service) }
    }

    /// Waits until a service says that it serves.
    func healthy(_ service: String) async throws {
        try await eventually("\(service) is healthy", within: .seconds(20)) {
            try Command.run("\(Self.binaries)/pe", ["health", service], self.environment).status
                == 0
        }
    }

    /// Ends a service at once, as a crash does, and waits until it is gone.
    func kill(_ service: String) {
        guard let process = processes.withLock({ $0.removeValue(forKey: service) }) else { return }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks a service to stop, and does not wait.
    func askToStop(_ service: String) {
        processes.withLock { $0[service]?.terminate() }
    }

    /// Asks a service to stop and answers its exit status.
    func stop(_ service: String) -> Int32 {
        guard let process = processes.withLock({ $0.removeValue(forKey: service) }) else {
            return -1
        }
        process.terminate()
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Runs `pe` against this system.
    func pe(_ arguments: [String], input: String = "") throws -> Command.Outcome {
        try Command.run("\(Self.binaries)/pe", arguments, environment, input: input)
    }

    /// Runs a program of the repository against this system, with the processes on its PATH.
    func run(
        _ program: String,
        _ arguments: [String],
        _ changes: [String: String] = [:]
    ) throws -> Command.Outcome {
        var environment = environment
        environment["PATH"] = "\(Self.binaries):\(environment["PATH"] ?? "")"
        environment.merge(changes) { $1 }
        return try Command.run(program, arguments, environment)
    }

    /// Brings in the demonstration people and offers.
    func loadDemonstration() throws {
        let loaded = try Command.run(
            "\(Self.top)/deploy/demo/load",
            ["\(Self.binaries)/pe", "\(directory)/demonstration.env"],
            environment
        )
        guard loaded.status == 0 else { throw SystemFault("demo/load: \(loaded.error)") }
    }

    /// Everything a service has logged.
    func log(_ service: String) -> String {
        (try? String(contentsOfFile: "\(directory)/\(service).log", encoding: .utf8)) ?? ""
    }

    /// Kills what still runs and removes the directory.
    func clear() {
        for service in ports.keys { kill(service) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// A client of a service: of the gateway as anyone, of the others as operator.
    func client(of service: String) throws -> RPCClient {
        let port = ports[service] ?? 0
        return try client(of: service, port: port, as: service == "gateway" ? nil : "operator")
    }

    /// A client of a service's door that shows a certificate, or none; by default one of this
    /// system's own.
    func client(
        of service: String,
        port: Int,
        as name: String?,
        certificates: String? = nil
    ) throws -> RPCClient {
        let shown = certificates ?? "\(directory)/certificates"
        let source = try TLSSource(
            .client(
                certificatePath: name.map { "\(shown)/\($0).pem" },
                keyPath: name.map { "\(shown)/\($0).key" },
                authorityPath: "\(directory)/certificates/ca.pem"
            )
        )
        return RPCClient(
            target: RPCTarget(name: service, host: "127.0.0.1", port: port),
            configuration: RPCClientConfiguration(instance: "test"),
            tls: TLSClient(source),
            group: MultiThreadedEventLoopGroup.singleton
        )
    }
}

/// Why a test could not go on.
struct SystemFault: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Runs `body` on a fresh, running system and clears it up afterwards.
func withSystem(_ body: (RunningSystem) async throws -> Void) async throws {
    let system = try RunningSystem()
    defer { system.clear() }
    do {
        try await system.startAll()
        try await body(system)
    } catch {
        for service in RunningSystem.services {
            FileHandle.standardError.write(Data(system.log(service).suffix(1_500).utf8))
        }
        throw error
    }
}

/// Waits until something that another process brings about is so.
func eventually(
    _ what: String,
    within limit: Duration = .seconds(10),
    _ isSo: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !isSo() {
        guard ContinuousClock.now < end else { throw SystemFault("not within \(limit): \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
