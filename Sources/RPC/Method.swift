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
///
/// What it holds lies in one piece of memory that its copies share: a call copies it several times.
public struct MethodDescriptor: Sendable {
    private let row: Row

    /// The service's full name: `passemploi.agenda.v1.Agenda`.
    public var service: String { row.service }
    /// The method's name: `BookAppointment`.
    public var name: String { row.name }
    /// What travels in REQUEST: `passemploi.agenda.v1.Agenda/BookAppointment`.
    public var path: String { row.path }
    /// Who sends how many messages.
    public var kind: CallKind { row.kind }
    /// The roles of the people who may call it; their meaning belongs to the application.
    public var roles: [String] { row.roles }
    /// The services that may call it for themselves; `*` admits any peer.
    public var peers: [String] { row.peers }
    /// Whether trying again is harmless.
    public var isIdempotent: Bool { row.isIdempotent }
    /// How long a call may take if its caller says nothing; `nil`: until the caller stops.
    public var timeout: Duration? { row.timeout }
    /// The type of the client's messages.
    public var request: any ProtobufMessage.Type { row.request }
    /// The type of the server's messages.
    public var response: any ProtobufMessage.Type { row.response }

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
        row = Row(
            service: service,
            name: name,
            path: "\(service)/\(name)",
            kind: kind,
            roles: roles,
            peers: peers,
            isIdempotent: isIdempotent,
            timeout: timeout,
            request: request,
            response: response
        )
    }

    private final class Row: Sendable {
        let service: String
        let name: String
        let path: String
        let kind: CallKind
        let roles: [String]
        let peers: [String]
        let isIdempotent: Bool
        let timeout: Duration?
        let request: any ProtobufMessage.Type
        let response: any ProtobufMessage.Type

        init(
            service: String,
            name: String,
            path: String,
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
            self.path = path
            self.kind = kind
            self.roles = roles
            self.peers = peers
            self.isIdempotent = isIdempotent
            self.timeout = timeout
            self.request = request
            self.response = response
        }
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
