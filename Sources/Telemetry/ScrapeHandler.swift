import NIOCore
import NIOHTTP1
import Synchronization

/// Answers the one request of a connection.
final class ScrapeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let metrics: PrometheusMetrics
    private var request: HTTPRequestHead?

    init(_ metrics: PrometheusMetrics) {
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): request = head
        case .body: break
        case .end: if let request { answer(request, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ request: HTTPRequestHead, _ context: ChannelHandlerContext) {
        var status = HTTPResponseStatus.ok
        var text = ""
        if request.uri.prefix(while: { $0 != "?" }) != "/metrics" {
            status = .notFound
            text = "The metrics are at /metrics.\n"
        } else if request.method != .GET, request.method != .HEAD {
            status = .methodNotAllowed
            text = "Only GET and HEAD.\n"
        } else {
            text = metrics.text() + ProcessMetrics.text()
        }
        var headers = HTTPHeaders()
        headers.add(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
        headers.add(name: "Content-Length", value: "\(text.utf8.count)")
        // One answer a connection: an operator's scraper comes every few seconds at most.
        headers.add(name: "Connection", value: "close")
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        if request.method != .HEAD {
            let body = context.channel.allocator.buffer(string: text)
            context.write(Self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        let channel = context.channel
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}

/// How many requests are being answered.
final class ScrapeCount: Sendable {
    private let count = Mutex(0)

    /// Whether one more may be.
    func enter() -> Bool {
        count.withLock { count in
            guard count < Limits.scrapesMax else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}

/// A request for metrics is turned away: enough are being answered.
struct TooManyScrapes: Error {}
