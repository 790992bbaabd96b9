import Configuration
import CoreMetrics
import Foundation
import Logging
import NIOPosix
public import RPC
import ServiceLifecycle
public import Storage
import SystemPackage
import TLS
import Telemetry
import UnixSignals

/// Runs a process of the system from start to clean stop.
///
/// A fault at start ends the process with status 1 and one line on standard error that says what
/// to do.
public enum ServiceProcess {
    /// Runs a service with a database.
    ///
    /// Beside what `build` answers it serves the change feed and, but for accounts, keeps the copy
    /// of the caseloads.
    public static func run(
        _ name: String,
        migrations: [Migration],
        build: @Sendable (ServiceEnvironment) throws -> ServiceParts
    ) async {
        await start(name, requiresPeerCertificate: true) { process in
            let database = try Database.open(
                directory: process.settings.dataDirectory,
                name: name,
                migrations: migrations
            )
            let environment = ServiceEnvironment(process: process, database: database)
            let parts = try build(environment)
            var background = parts.background
            if name != "accounts" { background.append(caseloadFollower(environment)) }
            let authorization = Authorization(assertingPeers: process.settings.assertingPeers)
            return Running(
                parts: ServiceParts(
                    services: parts.services + [FeedService(database: database)],
                    background: background
                ),
                authorize: { call in try authorization.check(call) },
                isHealthy: { await database.isHealthy() },
                close: { try await database.close() }
            )
        }
    }

    /// Runs a process without a database.
    ///
    /// - Parameters:
    ///   - name: the process' name, also in its certificate.
    ///   - requiresPeerCertificate: `false` for a door that clients without certificates use.
    ///   - authorize: refuses calls before their handler; by default none.
    ///   - build: makes what the process answers and does.
    public static func runWithoutDatabase(
        _ name: String,
        requiresPeerCertificate: Bool,
        authorize: @escaping @Sendable (CallContext) throws -> Void = { _ in },
        build: @Sendable (ProcessEnvironment) throws -> ServiceParts
    ) async {
        await start(name, requiresPeerCertificate: requiresPeerCertificate) { process in
            Running(
                parts: try build(process),
                authorize: authorize,
                isHealthy: { true },
                close: {}
            )
        }
    }

    /// What a started process runs and how it ends.
    struct Running: Sendable {
        let parts: ServiceParts
        let authorize: @Sendable (CallContext) throws -> Void
        let isHealthy: @Sendable () async -> Bool
        let close: @Sendable () async throws -> Void
    }

    private static func start(
        _ name: String,
        requiresPeerCertificate: Bool,
        _ build: (ProcessEnvironment) throws -> Running
    ) async {
        // A peer that goes away while it is written to must not end the process.
        signal(SIGPIPE, SIG_IGN)
        let queue = LogQueue()
        do {
            let settings = try Settings(service: name, reader: try await reader())
            let now: @Sendable () -> Timestamp = {
                Timestamp(
                    milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))
                )
            }
            var logger = Logger(label: name) { _ in
                JSONLogHandler(
                    service: settings.instance,
                    level: settings.logLevel,
                    queue: queue,
                    now: now
                )
            }
            logger.logLevel = settings.logLevel
            let certificates = Certificates(settings)
            let serverTLS = try await certificates.server(
                requiresPeerCertificate: requiresPeerCertificate
            )
            var operatorTLS: TLSSource?
            if settings.operatorListen != nil {
                operatorTLS = try await certificates.server(requiresPeerCertificate: true)
            }
            let clientTLS = try await certificates.client()
            let process = ProcessEnvironment(
                settings: settings,
                logger: logger,
                now: now,
                group: MultiThreadedEventLoopGroup.singleton,
                clientTLS: clientTLS
            )
            let running = try build(process)
            let certificatesInUse = CertificatesInUse(
                clients: serverTLS,
                operators: operatorTLS,
                own: clientTLS
            )
            try await serve(running, process, certificatesInUse)
            queue.flush()
        } catch {
            queue.flush()
            let text = "\(name): \(sentence(error))\n"
            FileHandle.standardError.write(Data(text.utf8))
            exit(1)
        }
    }

    /// What the process shows and asks for, at each of its doors and at others'.
    private struct CertificatesInUse {
        let clients: TLSSource
        /// `nil` without a door for operators.
        let operators: TLSSource?
        let own: TLSSource
    }

    private static func serve(
        _ running: Running,
        _ process: ProcessEnvironment,
        _ tls: CertificatesInUse
    ) async throws {
        let settings = process.settings
        let endpoint = try await metricsEndpoint(process)
        let server = RPCServer(
            services: running.parts.services,
            configuration: RPCServerConfiguration(
                instance: settings.instance,
                observer: { method in endpoint == nil ? nil : CallMetrics.server(method) },
                endpoints: { await process.endpoints() },
                authorize: running.authorize,
                logger: process.logger
            ),
            tls: TLSServer(tls.clients),
            group: process.group
        )
        // Bound before anything else runs: a port in use must end the process at once.
        let port = try await bind(server, settings.listen, "PASS_LISTEN")
        var operators: RPCServer?
        if let address = settings.operatorListen, let source = tls.operators {
            let door = server.operatorDoor(tls: TLSServer(source))
            _ = try await bind(door, address, "PASS_OPERATOR_LISTEN")
            operators = door
        }
        let services: [any Service] =
            running.parts.background + [
                CertificateWatch(
                    sources: [tls.clients, tls.own] + [tls.operators].compactMap { $0 },
                    logger: process.logger
                ),
                HealthWatch(server: server, logger: process.logger, isHealthy: running.isHealthy),
                // Last to start, first to stop: calls end before what they need.
                Serving(
                    server: server,
                    operators: operators,
                    address: "\(settings.listen.host):\(port)",
                    within: settings.drain,
                    logger: process.logger
                ),
            ]
        let group = ServiceGroup(
            services: services,
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: process.logger
        )
        try await group.run()
        await process.closeClients()
        await endpoint?.close()
        try await running.close()
        process.logger.info("Stopped.")
    }

    /// Where the process answers for its metrics, if it was told to.
    private static func metricsEndpoint(
        _ process: ProcessEnvironment
    ) async throws -> MetricsEndpoint? {
        guard let address = process.settings.metrics else { return nil }
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        do {
            return try await MetricsEndpoint.listen(
                host: address.host,
                port: address.port,
                metrics: metrics,
                group: process.group
            )
        } catch {
            throw StartFault(
                description: "\(address.host):\(address.port) cannot be listened on (\(error)): "
                    + "stop what uses it, or choose another address with PASS_METRICS."
            )
        }
    }

    private static func bind(
        _ server: RPCServer,
        _ listen: RPCAddress,
        _ setting: String
    ) async throws -> Int {
        do {
            return try await server.bind(host: listen.host, port: listen.port)
        } catch {
            throw StartFault(
                description: "\(listen.host):\(listen.port) cannot be listened on (\(error)): "
                    + "stop what uses it, or choose another address with \(setting)."
            )
        }
    }

    /// Why a process cannot start, with the mend.
    private struct StartFault: Error, CustomStringConvertible {
        let description: String
    }

    private static func caseloadFollower(_ environment: ServiceEnvironment) -> FeedFollower {
        FeedFollower(
            source: "accounts",
            client: environment.client("accounts"),
            database: environment.database,
            kinds: Caseload.kinds,
            logger: environment.logger,
            apply: Caseload.apply
        )
    }

    /// The environment, and below it the file that `PASS_CONFIG` names.
    private static func reader() async throws -> ConfigReader {
        var providers: [any ConfigProvider] = [EnvironmentVariablesProvider()]
        if let path = ProcessInfo.processInfo.environment["PASS_CONFIG"] {
            providers.append(try await FileProvider<JSONSnapshot>(filePath: FilePath(path)))
        }
        return ConfigReader(providers: providers)
    }

    /// An error at start in one line.
    private static func sentence(_ error: any Error) -> String {
        "\(error)".split(separator: "\n").joined(separator: "; ")
    }
}
