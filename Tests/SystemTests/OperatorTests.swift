import Foundation
import RPC
import Testing

extension ProcessTests {
    /// Who may look into a process whose clients show no certificates.
    @Suite struct OperatorTests {
        /// Who shows what at which door of the gateway, and how it is refused.
        private struct Stranger {
            let name: String?
            var isAtOwnDoor = true
            var isForged = false
            let code: RPCError.Code
        }

        @Test func theOperatorSeesTheGatewayAndNobodyElseDoes() async throws {
            let system = try RunningSystem()
            defer { system.clear() }
            try system.start("gateway")
            try await system.healthy("gateway")
            let status = try system.pe(["rpc", "status", "gateway"])
            #expect(status.status == 0, "\(status.error)")
            #expect(status.output.hasPrefix("gateway: up "), "\(status.output)")
            #expect(status.output.contains("Health/Check"), "\(status.output)")

            let forged = "\(system.directory)/forged"
            let made = try Command.run(
                "\(RunningSystem.top)/deploy/certs",
                [forged, "operator"]
            )
            #expect(made.status == 0, "\(made.error)")
            let strangers = [
                // The clients' door asks nobody who they are, so it believes nobody.
                Stranger(name: nil, isAtOwnDoor: false, code: .permissionDenied),
                Stranger(name: "operator", isAtOwnDoor: false, code: .permissionDenied),
                // The other one ends the handshake without a certificate of the authority.
                Stranger(name: nil, code: .unavailable),
                Stranger(name: "operator", isForged: true, code: .unavailable),
                Stranger(name: "messaging", code: .permissionDenied),
                Stranger(name: "gateway", code: .permissionDenied),
            ]
            for stranger in strangers {
                let client = try system.client(
                    of: "gateway",
                    port: stranger.isAtOwnDoor ? system.operatorPort : system.ports["gateway"] ?? 0,
                    as: stranger.name,
                    certificates: stranger.isForged ? forged : nil
                )
                let error = await #expect(throws: RPCError.self, "\(stranger)") {
                    try await IntrospectionClient(client).status(ServerStatusRequest())
                }
                #expect(error?.code == stranger.code, "\(stranger): \(String(describing: error))")
                await client.close()
            }
        }

        @Test func theOperatorsDoorServesNothingElse() async throws {
            let system = try RunningSystem(["rpc-echo"])
            defer { system.clear() }
            try await start(system)
            let client = try system.client(
                of: "rpc-echo",
                port: system.operatorPort,
                as: "operator"
            )
            #expect(try await HealthClient(client).check(HealthCheckRequest()).status == .serving)
            let error = await #expect(throws: RPCError.self) {
                try await EchoClient(client).unary(EchoMessage())
            }
            #expect(error?.code == .unimplemented)
            let other = try system.client(
                of: "rpc-echo",
                port: system.operatorPort,
                as: "messaging"
            )
            let refusal = await #expect(throws: RPCError.self) {
                try await HealthClient(other).check(HealthCheckRequest())
            }
            #expect(refusal?.code == .permissionDenied)
            await client.close()
            await other.close()
        }

        @Test func whatAStoppingProcessWaitsForIsSeen() async throws {
            let system = try RunningSystem(["rpc-echo"])
            defer { system.clear() }
            try await start(system)
            let client = try system.client(
                of: "rpc-echo",
                port: system.ports["rpc-echo"] ?? 0,
                as: nil
            )
            let slow = EchoMessage(body: [7], delayUs: 4_000_000)
            async let answer = EchoClient(client).unary(slow)
            let here = "127.0.0.1:\(system.operatorPort)"
            try await eventually("the call is at work") {
                try system.pe(["rpc", "status", here]).output.contains("at work")
            }
            system.askToStop("rpc-echo")
            try await eventually("it says that it stops") {
                let status = try system.pe(["rpc", "status", here]).output
                return status.contains("STOPPING") && status.contains("Echo/Unary")
            }
            let body = try await answer.body
            #expect(body == [7])
            #expect(system.stop("rpc-echo") == 0)
            await client.close()
        }

        private func start(_ system: RunningSystem) async throws {
            try system.start("rpc-echo")
            try await eventually("rpc-echo listens", within: .seconds(20)) {
                system.log("rpc-echo").contains("Ready.")
            }
        }
    }
}
