import Foundation
import Logging
public import NIOCore
import NIOPosix
public import RPC
import TLS

/// Where the processes are and how to reach it, from the environment.
public struct Deployment: Sendable {
    /// The port of each process unless its setting says other.
    public static let ports = [
        "accounts": 7401, "messaging": 7402, "agenda": 7403, "actions": 7404, "offers": 7405,
        "gateway": 7443,
    ]

    /// The port of each door for operators, where the clients' door asks for no certificates.
    static let operatorPorts = ["gateway": 7444]

    let environment: [String: String]

    /// Reads the process's environment.
    public init() {
        environment = ProcessInfo.processInfo.environment
    }

    /// The directory of certificates and keys.
    public var certificates: String { environment["PASS_CERTIFICATES"] ?? ".run/certificates" }

    /// Where a service is, or `text` itself if it is `host:port` or several with commas between them.
    ///
    /// - Throws: `CommandFailure` if it is neither.
    public func address(of text: String) throws -> RPCTarget {
        if let port = Self.ports[text] {
            let setting = "PASS_\(text.uppercased())"
            let set = environment[setting] ?? "127.0.0.1:\(port)"
            return RPCTarget(name: text, addresses: try parse(set, setting))
        }
        let addresses = try parse(text, "the target")
        let known = (Self.ports.map { $0 } + Self.operatorPorts.map { $0 })
            .first { $0.value == addresses.first?.port }?.key
        return RPCTarget(name: known ?? "rpc-echo", addresses: addresses)
    }

    /// Where a service answers operators: at a door of its own if it has one, else where it answers
    /// everybody.
    ///
    /// - Throws: `CommandFailure` if `text` is neither a service nor `host:port`.
    public func operatorAddress(of text: String) throws -> RPCTarget {
        guard let port = Self.operatorPorts[text] else { return try address(of: text) }
        let setting = "PASS_\(text.uppercased())_OPERATORS"
        let set = environment[setting] ?? "127.0.0.1:\(port)"
        return RPCTarget(name: text, addresses: try parse(set, setting))
    }

    private func parse(_ text: String, _ what: String) throws -> [RPCAddress] {
        guard let addresses = RPCAddress.list(parsing: text) else {
            throw CommandFailure(
                "\(what) is \"\(text)\"; it must be a service's name or host:port, or several "
                    + "host:port with commas between them.",
                code: 2
            )
        }
        return addresses
    }

    /// A client of a service, connected with its first call.
    ///
    /// - Parameters:
    ///   - target: A service's name or `host:port`.
    ///   - asOperator: Whether it is to go to the door for operators, if the service has one.
    ///   - certificate: Whose certificate to show; `nil`: none at the gateway's door for clients,
    ///     the operator's elsewhere.
    ///   - instance: Names this process in the server's logs.
    ///   - group: The event loops to keep connections on; `nil`: those of the process.
    /// - Returns: the client; its owner closes it.
    /// - Throws: `CommandFailure` for a wrong target or unreadable certificates.
    public func client(
        of target: String,
        asOperator: Bool = false,
        certificate: String? = nil,
        instance: String = "pe",
        group: (any EventLoopGroup)? = nil
    ) throws -> RPCClient {
        let address = try asOperator ? operatorAddress(of: target) : address(of: target)
        let showsNone = address.name == "gateway" && !asOperator
        let name = certificate ?? (showsNone ? nil : "operator")
        let tls: TLSSource
        do {
            tls = try TLSSource(
                .client(
                    certificatePath: name.map { "\(certificates)/\($0).pem" },
                    keyPath: name.map { "\(certificates)/\($0).key" },
                    authorityPath: "\(certificates)/ca.pem"
                )
            )
        } catch {
            throw CommandFailure(
                "\(error) (PASS_CERTIFICATES tells where certificates are; now \(certificates))"
            )
        }
        // What a caller is to know comes with the call's error; a load test's line stays whole.
        var logger = Logger(label: instance)
        logger.logLevel = .warning
        return RPCClient(
            target: address,
            configuration: RPCClientConfiguration(
                instance: instance,
                logger: logger
            ),
            tls: TLSClient(tls),
            group: group ?? MultiThreadedEventLoopGroup.singleton
        )
    }

    /// Runs `body` with a client of a service; the gateway's door for clients is reached without a
    /// certificate of one's own, everything else with the operator's.
    public func withClient<Result>(
        of target: String,
        asOperator: Bool = false,
        _ body: (RPCClient) async throws -> Result
    ) async throws -> Result {
        let client = try client(of: target, asOperator: asOperator)
        do {
            let result = try await body(client)
            await client.close()
            return result
        } catch {
            await client.close()
            throw error
        }
    }
}
