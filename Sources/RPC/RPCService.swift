public import NIOCore

/// A service as a server runs it.
///
/// Conformances come with the generated server protocols (`AgendaServer` …), which ask for one
/// function per method.
public protocol RPCService: Sendable {
    /// The service as its schema defines it.
    static var descriptor: ServiceDescriptor { get }
    /// The same for a service that is known by value only, see `ForwardedService`.
    var schema: ServiceDescriptor { get }
    /// What answers each method, in the schema's order.
    var methods: [RPCMethod] { get }
}

extension RPCService {
    /// The service as its schema defines it.
    public var schema: ServiceDescriptor { Self.descriptor }
}

/// A service that this server has no Swift types for, because it passes the calls on.
public struct ForwardedService: RPCService {
    /// Says nothing: what is forwarded is told by `schema`.
    public static var descriptor: ServiceDescriptor {
        ServiceDescriptor(name: "", methods: [], files: [])
    }

    /// The service as its schema defines it.
    public let schema: ServiceDescriptor
    /// What answers each method; those left out are unknown to callers.
    public let methods: [RPCMethod]

    /// Serves `methods` of `schema`, usually made with `rawUnary` and `rawStream`.
    public init(_ schema: ServiceDescriptor, methods: [RPCMethod]) {
        self.schema = schema
        self.methods = methods
    }
}

/// A method together with what answers it.
public struct RPCMethod: Sendable {
    /// How the server runs a call, with the application's types erased.
    typealias Handler = @Sendable (ServerCall) async throws -> Void

    /// The row of the method table.
    public let descriptor: MethodDescriptor
    let handler: Handler
    /// Whether the handler passes calls on, so that the NOT_PROCESSED of another server's answer
    /// stays true.
    let isPassThrough: Bool

    private init(
        _ descriptor: MethodDescriptor,
        isPassThrough: Bool = false,
        _ handler: @escaping Handler
    ) {
        self.descriptor = descriptor
        self.isPassThrough = isPassThrough
        self.handler = handler
    }

    /// Answers a unary method.
    public static func unary<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable (Request, CallContext) async throws -> Response
    ) -> RPCMethod {
        RPCMethod(method.descriptor) { call in
            let request: Request = try call.request()
            call.respond(try await body(request, call.context))
        }
    }

    /// Answers a method with one request and a stream of responses.
    public static func serverStream<Request, Response>(
        _ method: Method<Request, Response>,
        _ body:
            @escaping @Sendable (
                Request, ResponseWriter<Response>, CallContext
            ) async throws -> Void
    ) -> RPCMethod {
        RPCMethod(method.descriptor) { call in
            let request: Request = try call.request()
            try await body(request, ResponseWriter(call), call.context)
            call.respond(payload: nil)
        }
    }

    /// Answers a method with a stream of requests and one response.
    public static func clientStream<Request, Response>(
        _ method: Method<Request, Response>,
        _ body: @escaping @Sendable (RequestStream<Request>, CallContext) async throws -> Response
    ) -> RPCMethod {
        RPCMethod(method.descriptor) { call in
            call.beginRequestStream()
            call.respond(try await body(RequestStream(call), call.context))
        }
    }

    /// Answers a method with a stream each way.
    public static func bidirectional<Request, Response>(
        _ method: Method<Request, Response>,
        _ body:
            @escaping @Sendable (
                RequestStream<Request>, ResponseWriter<Response>, CallContext
            ) async throws -> Void
    ) -> RPCMethod {
        RPCMethod(method.descriptor) { call in
            call.beginRequestStream()
            try await body(RequestStream(call), ResponseWriter(call), call.context)
            call.respond(payload: nil)
        }
    }

    /// Answers a unary method with bytes for bytes.
    public static func rawUnary(
        _ descriptor: MethodDescriptor,
        _ body: @escaping @Sendable (ByteBuffer, CallContext) async throws -> ByteBuffer
    ) -> RPCMethod {
        RPCMethod(descriptor, isPassThrough: true) { call in
            call.respond(payload: try await body(call.takeFirst(), call.context))
        }
    }

    /// Answers a method of any kind with bytes for bytes.
    ///
    /// The requests are all messages of the client, one of REQUEST included. What `body` returns is
    /// the message of RESPONSE, for kinds whose server sends just one.
    public static func rawStream(
        _ descriptor: MethodDescriptor,
        _ body:
            @escaping @Sendable (
                RawRequestStream, RawResponseWriter, CallContext
            ) async throws -> ByteBuffer?
    ) -> RPCMethod {
        RPCMethod(descriptor, isPassThrough: true) { call in
            call.beginRequestStream()
            let payload = try await body(
                RawRequestStream(call),
                RawResponseWriter(call),
                call.context
            )
            call.respond(payload: payload)
        }
    }
}
