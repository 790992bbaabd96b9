public import NIOCore
import Synchronization

/// Who is at the other end of a connection.
public enum PeerIdentity: Sendable, Hashable {
    /// A peer that showed no certificate.
    case anonymous
    /// A peer whose certificate names it: the last part of the URI SAN
    /// `spiffe://pass-emploi/messaging` is `messaging`.
    case service(String)
}

/// What a handler knows of its call beside the messages.
public struct CallContext: Sendable {
    private let facts: CallFacts

    /// The method called.
    public var method: MethodDescriptor { facts.descriptor }
    /// Who is at the other end of the connection.
    public var peer: PeerIdentity { facts.peer }
    /// What the caller sent along.
    public var metadata: Metadata { facts.metadata }
    /// When the caller stops waiting; `nil` for a call without end.
    public var deadline: NIODeadline? { facts.deadline }
    /// W3C trace context (25 bytes), or empty.
    public var traceContext: [UInt8] { facts.traceContext }
    /// Which try this is: 0 for the first, then 1, 2 and so on.
    public var attempt: UInt32 { facts.attempt }

    /// Describes a call.
    ///
    /// For servers and tests.
    public init(
        method: MethodDescriptor,
        peer: PeerIdentity,
        metadata: Metadata = Metadata(),
        deadline: NIODeadline? = nil,
        traceContext: [UInt8] = [],
        attempt: UInt32 = 0
    ) {
        facts = CallFacts(
            descriptor: method,
            peer: peer,
            metadata: metadata,
            deadline: deadline,
            traceContext: traceContext,
            attempt: attempt
        )
    }

    /// What a server knows of a call that it handles.
    init(_ facts: CallFacts) {
        self.facts = facts
    }

    /// The deadline of the call being handled by this task: calls made from a handler inherit it.
    ///
    /// A task that outlives the handler that began it must not rely on it, which by then may tell
    /// of another call.
    public static var inheritedDeadline: NIODeadline? { InheritedDeadline.current?.value }
}

/// What a call brings along, in memory that its context shares with whatever handles it.
///
/// Safety: never changes; subclasses answer for what they add.
class CallFacts: @unchecked Sendable {
    let descriptor: MethodDescriptor
    let peer: PeerIdentity
    let metadata: Metadata
    let deadline: NIODeadline?
    let traceContext: [UInt8]
    let attempt: UInt32

    init(
        descriptor: MethodDescriptor,
        peer: PeerIdentity,
        metadata: Metadata,
        deadline: NIODeadline?,
        traceContext: [UInt8],
        attempt: UInt32
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.metadata = metadata
        self.deadline = deadline
        self.traceContext = traceContext
        self.attempt = attempt
    }
}

/// The deadline that a task's calls inherit.
///
/// Bound to a task that serves many calls once, and set for each: to bind a value for each call
/// takes a tenth of the time that a server needs for a small one.
final class InheritedDeadline: Sendable {
    @TaskLocal static var current: InheritedDeadline?

    private static let none = UInt64.max
    private let uptime = Atomic<UInt64>(none)

    init(_ value: NIODeadline? = nil) {
        set(value)
    }

    var value: NIODeadline? {
        let uptime = uptime.load(ordering: .relaxed)
        return uptime == Self.none ? nil : .uptimeNanoseconds(uptime)
    }

    func set(_ value: NIODeadline?) {
        uptime.store(value?.uptimeNanoseconds ?? Self.none, ordering: .relaxed)
    }
}
