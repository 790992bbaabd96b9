import Foundation
import Logging
import NIOPosix
import RPC
import TLS

/// Where the system is and how to reach it, from the environment.
struct System {
    static let ports = [
        "accounts": 7401, "messaging": 7402, "agenda": 7403, "actions": 7404, "offers": 7405,
        "gateway": 7443,
    ]

    let environment: [String: String]

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// The directory of certificates and keys.
    var certificates: String { environment["PASS_CERTIFICATES"] ?? ".run/certificates" }

    /// Host and port of a service, or of `text` itself if it is `host:port`.
    func address(of text: String) throws -> (name: String, host: String, port: Int) {
        if let port = Self.ports[text] {
            let set = environment["PASS_\(text.uppercased())"] ?? "127.0.0.1:\(port)"
            let (host, port) = try split(set, "PASS_\(text.uppercased())")
            return (text, host, port)
        }
        let (host, port) = try split(text, "the target")
        let known = Self.ports.first { $0.value == port }?.key
        return (known ?? "rpc-echo", host, port)
    }

    private func split(_ text: String, _ what: String) throws -> (String, Int) {
        guard let colon = text.lastIndex(of: ":"),
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else {
            throw Failure.Message(
                "\(what) is \"\(text)\"; it must be a service's name or host:port.",
                code: 2
            )
        }
        let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        return (host, port)
    }

    /// Runs `body` with a client of a service; the gateway is reached without a certificate of
    /// one's own, services with the operator's.
    func withClient<Result>(
        of target: String,
        _ body: (RPCClient) async throws -> Result
    ) async throws -> Result {
        let (name, host, port) = try address(of: target)
        let isDoor = name == "gateway"
        let tls: TLSSource
        do {
            tls = try TLSSource(
                .client(
                    certificatePath: isDoor ? nil : "\(certificates)/operator.pem",
                    keyPath: isDoor ? nil : "\(certificates)/operator.key",
                    authorityPath: "\(certificates)/ca.pem"
                )
            )
        } catch {
            throw Failure.Message(
                "\(error) (PASS_CERTIFICATES tells where certificates are; now \(certificates))"
            )
        }
        let client = RPCClient(
            target: RPCTarget(name: name, host: host, port: port),
            configuration: RPCClientConfiguration(instance: "pe", logger: Logger(label: "pe")),
            tls: TLSClient(tls),
            group: MultiThreadedEventLoopGroup.singleton
        )
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
