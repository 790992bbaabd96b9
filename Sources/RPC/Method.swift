/// Who sends how many messages in a call.
public enum CallKind: Sendable, Hashable {
    case unary
    case serverStream
    case clientStream
    case bidirectional

    /// Whether the client may send other than exactly one message.
    public var clientStreams: Bool { self == .clientStream || self == .bidirectional }

    /// Whether the server may send other than exactly one message.
    public var serverStreams: Bool { self == .serverStream || self == .bidirectional }
}

/// One row of a generated method table: all that dispatch, authorisation and tools need to know.
public struct MethodDescriptor: Sendable {
    /// The service's full name: `passemploi.agenda.v1.Agenda`.
    public let service: String
    /// The method's name: `BookAppointment`.
    public let name: String
    /// What travels in REQUEST: `passemploi.agenda.v1.Agenda/BookAppointment`.
    public let path: String
    /// Who sends how many messages.
    public let kind: CallKind
    /// The roles of the people who may call it; their meaning belongs to the application.
    public let roles: [String]
    /// The services that may call it for themselves; `*` admits any peer.
    public let peers: [String]
    /// Whether trying again is harmless.
    public let isIdempotent: Bool
    /// How long a call may take if its caller says nothing; `nil`: until the caller stops.
    public let timeout: Duration?
    /// The type of the client's messages.
    public let request: any ProtobufMessage.Type
    /// The type of the server's messages.
    public let response: any ProtobufMessage.Type

    /// Describes a method.
    ///
    /// Called by generated code.
    public init(
        service: String,
        name: String,
        kind: CallKind,
        roles: [String],
        peers: [String],
        isIdempotent: Bool,
        timeout: Duration?,
        request: any ProtobufMessage.Type,
        response: any ProtobufMessage.Type
    ) {
        self.service = service
        self.name = name
        self.path = "\(service)/\(name)"
        self.kind = kind
        self.roles = roles
        self.peers = peers
        self.isIdempotent = isIdempotent
        self.timeout = timeout
        self.request = request
        self.response = response
    }
}

/// A method with the Swift types of its messages, so that calls and handlers are checked.
public struct Method<Request: ProtobufMessage, Response: ProtobufMessage>: Sendable {
    /// The row of the method table.
    public let descriptor: MethodDescriptor

    /// Describes a method.
    ///
    /// Called by generated code.
    public init(
        service: String,
        name: String,
        kind: CallKind,
        roles: [String],
        peers: [String],
        isIdempotent: Bool,
        timeout: Duration?
    ) {
        descriptor = MethodDescriptor(
            service: service,
            name: name,
            kind: kind,
            roles: roles,
            peers: peers,
            isIdempotent: isIdempotent,
            timeout: timeout,
            request: Request.self,
            response: Response.self
        )
    }
}

/// A service as its schema defines it.
public struct ServiceDescriptor: Sendable {
    /// The full name: `passemploi.agenda.v1.Agenda`.
    public let name: String
    /// Its methods, in the schema's order.
    public let methods: [MethodDescriptor]
    /// The serialised `google.protobuf.FileDescriptorProto` of the file that defines it and of
    /// all that this file imports, imports before importers.
    public let files: [[UInt8]]

    /// Describes a service.
    ///
    /// Called by generated code.
    public init(name: String, methods: [MethodDescriptor], files: [[UInt8]]) {
        self.name = name
        self.methods = methods
        self.files = files
    }
}
