import CoreMetrics
import NIOCore
import NIOPosix
import Testing

@testable import Telemetry

/// The port that a scraper asks.
@Suite(.timeLimit(.minutes(1))) struct MetricsEndpointTests {
    /// Sends `request` to an endpoint and reads until it closes.
    private func ask(_ request: String) async throws -> String {
        let metrics = PrometheusMetrics()
        metrics.makeCounter(label: "asked", dimensions: []).increment(by: 1)
        let group = MultiThreadedEventLoopGroup.singleton
        let endpoint = try await MetricsEndpoint.listen(
            host: "127.0.0.1",
            port: 0,
            metrics: metrics,
            group: group
        )
        let channel = try await ClientBootstrap(group: group)
            .connect(host: "127.0.0.1", port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        let answer = try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ByteBuffer()
            for try await part in inbound { answer.writeImmutableBuffer(part) }
            return String(buffer: answer)
        }
        await endpoint.close()
        return answer
    }

    @Test func metricsAreAnswered() async throws {
        let answer = try await ask("GET /metrics?x=1 HTTP/1.1\r\nHost: here\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("text/plain; version=0.0.4"))
        #expect(answer.contains("\nasked_total 1\n"))
        #expect(answer.contains("\nprocess_resident_memory_bytes "))
    }

    @Test func anotherPathIsNotFound() async throws {
        let answer = try await ask("GET / HTTP/1.1\r\nHost: here\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 404 "))
        #expect(answer.contains("/metrics"))
    }

    @Test func onlyReadingIsAllowed() async throws {
        let answer = try await ask("DELETE /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
    }

    @Test func rubbishIsRefusedAndClosed() async throws {
        let answer = try await ask("\u{16}\u{3}\u{1}what\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
    }
}
