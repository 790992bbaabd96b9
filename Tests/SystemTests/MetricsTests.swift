import Testing

extension ProcessTests {
    /// What a process tells a scraper.
    @Suite struct MetricsTests {
        @Test func callsAreCountedByServiceMethodAndCode() async throws {
            let system = try RunningSystem()
            defer { system.clear() }
            let port = try #require(try FreePorts.take(1).first)
            try system.start("actions", changes: ["PASS_METRICS": "127.0.0.1:\(port)"])
            try await system.healthy("actions")
            let method = "passemploi.actions.v1.Actions/ListCatalogue"
            let list = ["call", "--to", "actions", method, "-d", "{}"]
            #expect(try system.pe(list).status == 64 + 7)

            let text = try scrape(port)
            #expect(text.hasPrefix("HTTP/1.1 200 "))
            let service = "service=\"passemploi.actions.v1.Actions\""
            #expect(
                text.contains(
                    "rpc_server_duration_seconds_count{code=\"PERMISSION_DENIED\","
                        + "method=\"ListCatalogue\",\(service)} 1\n"
                )
            )
            #expect(
                text.contains(
                    "rpc_server_calls_under_way{method=\"ListCatalogue\",\(service)} 0\n"
                )
            )
            #expect(text.contains("code=\"OK\",method=\"Check\",service=\"pass.rpc.v1.Health\""))
            #expect(text.contains("\nprocess_open_fds "))
        }

        @Test func aPortInUseEndsTheProcess() async throws {
            let system = try RunningSystem()
            defer { system.clear() }
            try system.start("actions")
            try await system.healthy("actions")
            let taken = "127.0.0.1:\(system.ports["actions"] ?? 0)"
            try system.start("agenda", changes: ["PASS_METRICS": taken])
            try await eventually("agenda has ended") { system.log("agenda").contains(taken) }
            #expect(system.log("agenda").contains("PASS_METRICS"))
        }

        private func scrape(_ port: Int) throws -> String {
            let script =
                "exec 3<>/dev/tcp/127.0.0.1/\(port); "
                + "printf 'GET /metrics HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' >&3; cat <&3"
            return try Command.run("/bin/bash", ["-c", script]).output
        }
    }
}
