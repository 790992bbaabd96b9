public import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers `GET /metrics` on a port of its own, over plain HTTP/1.1.
///
/// It is meant for the operator's network only: what it tells holds no personal data, but it tells
/// it to anyone who asks.
public final class MetricsEndpoint: Sendable {
    private let channel: any Channel

    private init(_ channel: any Channel) {
        self.channel = channel
    }

    /// The port that is listened on.
    public var port: Int { channel.localAddress?.port ?? 0 }

    /// Listens.
    ///
    /// - Parameters:
    ///   - host: A host name or address of this machine.
    ///   - port: 0 for any free one.
    ///   - metrics: What is answered.
    ///   - group: The event loops that answer.
    /// - Returns: The endpoint; it answers until it is closed or the process ends.
    /// - Throws: `IOError` if the address cannot be had.
    public static func listen(
        host: String,
        port: Int,
        metrics: PrometheusMetrics,
        group: any EventLoopGroup
    ) async throws -> MetricsEndpoint {
        let connections = ScrapeCount()
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                guard connections.enter() else {
                    return channel.eventLoop.makeFailedFuture(TooManyScrapes())
                }
                channel.closeFuture.whenComplete { _ in connections.leave() }
                let limit = channel.eventLoop.scheduleTask(in: .seconds(Limits.scrapeSeconds)) {
                    channel.close(promise: nil)
                }
                channel.closeFuture.whenComplete { _ in limit.cancel() }
                return channel.pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    .flatMapThrowing {
                        try channel.pipeline.syncOperations.addHandler(ScrapeHandler(metrics))
                    }
            }
            .bind(host: host, port: port)
            .get()
        return MetricsEndpoint(channel)
    }

    /// Stops listening; answers under way are finished.
    public func close() async {
        // A listener that fails to close is closed already.
        try? await channel.close()
    }
}
