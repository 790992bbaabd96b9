/// The only error that crosses the wire: a code to act on, a sentence to read, details to parse.
public struct RPCError: Error, Sendable, Equatable {
    /// gRPC's status codes but OK, with gRPC's numbers.
    public enum Code: UInt32, Sendable, CaseIterable {
        case cancelled = 1
        case unknown = 2
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case aborted = 10
        case outOfRange = 11
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case dataLoss = 15
        case unauthenticated = 16
    }

    /// A typed part of an error: a protobuf message under its full name.
    public struct Detail: Sendable, Equatable {
        /// The full name of the protobuf message in `value`.
        public var type: String
        /// The serialised message.
        public var value: [UInt8]

        /// Wraps a serialised message.
        public init(type: String, value: [UInt8]) {
            self.type = type
            self.value = value
        }
    }

    private struct Fields: Sendable, Equatable {
        var code: Code
        var message: String
        var details: [Detail]
        var retryAfter: Duration?
        var isNotProcessed: Bool
        var metadata: Metadata
    }

    /// Keeps an error as small as a pointer: whatever may hold one, as calls do from their start, is
    /// moved about often, and mostly without.
    private final class Box: Sendable {
        let fields: Fields

        init(_ fields: Fields) {
            self.fields = fields
        }
    }

    private var box: Box
    private var fields: Fields {
        get { box.fields }
        set { box = Box(newValue) }
    }

    /// What a caller can act on.
    public var code: Code {
        get { fields.code }
        set { fields.code = newValue }
    }
    /// A sentence that says what to do.
    public var message: String {
        get { fields.message }
        set { fields.message = newValue }
    }
    /// Typed parts, for example one `BadField` per field at fault.
    public var details: [Detail] {
        get { fields.details }
        set { fields.details = newValue }
    }
    /// When to come back, if the other side knows.
    public var retryAfter: Duration? {
        get { fields.retryAfter }
        set { fields.retryAfter = newValue }
    }
    /// Whether it is certain that no handler saw the call, so that trying again is safe.
    public var isNotProcessed: Bool {
        get { fields.isNotProcessed }
        set { fields.isNotProcessed = newValue }
    }
    /// What the other side sent along.
    public var metadata: Metadata {
        get { fields.metadata }
        set { fields.metadata = newValue }
    }

    /// Creates an error; all but code and sentence are optional.
    public init(
        _ code: Code,
        _ message: String,
        details: [Detail] = [],
        retryAfter: Duration? = nil,
        isNotProcessed: Bool = false,
        metadata: Metadata = Metadata()
    ) {
        box = Box(
            Fields(
                code: code,
                message: message,
                details: details,
                retryAfter: retryAfter,
                isNotProcessed: isNotProcessed,
                metadata: metadata
            )
        )
    }

    /// Whether all of both is the same.
    public static func == (left: RPCError, right: RPCError) -> Bool { left.fields == right.fields }

    /// The error for a field with a bad value: INVALID_ARGUMENT that names the field and the mend,
    /// in the sentence and as a `BadField` detail.
    ///
    /// - Parameters:
    ///   - field: the field's path in the request, `assignments[2].young_person_id`.
    ///   - mend: what would be right, as the end of a sentence: `must be 1 to 4,000 characters`.
    /// - Returns: the error to throw.
    public static func badField(_ field: String, _ mend: String) -> RPCError {
        let detail = BadField(field: field, mend: mend)
        // Encoding fails only for text with NUL; the sentence then carries the same facts.
        let value = try? detail.serializedBytes()
        return RPCError(
            .invalidArgument,
            "\(field) \(mend).",
            details: value.map { [Detail(type: BadField.fullName, value: $0)] } ?? []
        )
    }
}

/// An error of a domain that a caller can act on; any other error reaches callers as INTERNAL.
public protocol RPCFailure: Error {
    /// What crosses the wire.
    var rpcError: RPCError { get }
}

extension RPCError: RPCFailure {
    /// The error itself.
    public var rpcError: RPCError { self }
}

extension RPCError: CustomStringConvertible {
    /// The code and the sentence, as in `INVALID_ARGUMENT: text must be 1 to 4,000 characters.`.
    public var description: String { "\(code.name): \(message)" }
}

extension RPCError.Code {
    /// gRPC's spelling: `INVALID_ARGUMENT`.
    public var name: String {
        switch self {
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .alreadyExists: "ALREADY_EXISTS"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .aborted: "ABORTED"
        case .outOfRange: "OUT_OF_RANGE"
        case .unimplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .dataLoss: "DATA_LOSS"
        case .unauthenticated: "UNAUTHENTICATED"
        }
    }
}
