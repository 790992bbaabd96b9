import Contracts
import RPC
import ServiceKit
import Storage
import Synchronization

/// Stands for the five services behind the gateway: knows some sessions, answers what it is told
/// to, and remembers what reached it.
final class Backend: Sendable {
    /// A call that reached a service through the gateway.
    struct Seen: Sendable {
        let path: String
        let payload: [UInt8]
        let metadata: Metadata
    }

    private struct State {
        var seen: [Seen] = []
        var checks: [String] = []
        var sessions: [String: CheckSessionResponse]
        var answers: [String: [UInt8]] = [:]
        var faults: [String: RPCError] = [:]
    }

    static let descriptors: [String: ServiceDescriptor] = [
        "accounts": AccountsMethods.service, "messaging": MessagingMethods.service,
        "agenda": AgendaMethods.service, "actions": ActionsMethods.service,
        "offers": OffersMethods.service,
    ]
    /// What a service answers beside its first.
    static let furtherDescriptors = [
        AlertsMethods.service, PursuitsMethods.service, OfferSourcesMethods.service,
    ]
    static let down = RPCError(.unavailable, "Nobody is there.")

    private let state: Mutex<State>

    init() {
        let expires = TestClock().now + .seconds(30 * 86_400)
        let people: [(TestPerson, Role)] = [
            (.young, .youngPerson), (.otherYoung, .youngPerson), (.counsellor, .counsellor),
            (.otherCounsellor, .counsellor), (.supervisor, .supervisor),
        ]
        let sessions = people.map { person, role in
            let session = CheckSessionResponse(
                sessionID: person.sessionID,
                personID: person.id,
                role: role,
                expiresMs: expires.milliseconds
            )
            return (person.token, session)
        }
        state = Mutex(State(sessions: Dictionary(uniqueKeysWithValues: sessions)))
    }

    /// What reached a service, less what the gateway asks for itself.
    var seen: [Seen] { state.withLock { $0.seen } }

    /// The tokens that accounts was asked about.
    var checks: [String] { state.withLock { $0.checks } }

    func forgetSeen() { state.withLock { $0.seen = [] } }

    func open(_ token: String, _ session: CheckSessionResponse) {
        state.withLock { $0.sessions[token] = session }
    }

    func close(token: String) { state.withLock { $0.sessions[token] = nil } }

    func answer(_ path: String, _ bytes: [UInt8]) {
        state.withLock { $0.answers[path] = bytes }
    }

    func answer<Request, Response>(
        _ method: Method<Request, Response>,
        _ message: Response
    ) throws {
        answer(method.descriptor.path, try message.serializedBytes())
    }

    /// Lets a method, or a whole service by the name of its descriptor, fail; `nil` mends it.
    func fail(_ name: String, _ error: RPCError?) {
        state.withLock { $0.faults[name] = error }
    }

    func failService(_ service: String, _ error: RPCError? = Backend.down) {
        fail(Self.descriptors[service]?.name ?? "", error)
    }

    /// The five services, for one server.
    var services: [any RPCService] {
        (Self.descriptors.values + Self.furtherDescriptors).map { descriptor in
            ForwardedService(descriptor, methods: descriptor.methods.map(method))
        }
    }

    private func method(_ method: MethodDescriptor) -> RPCMethod {
        guard method.kind == .unary else {
            return .rawStream(method) { requests, _, call in
                var first: [UInt8] = []
                for try await message in requests { first = try bytes(of: message) }
                return try payload(try self.answer(method, first, call))
            }
        }
        return .rawUnary(method) { message, call in
            try payload(try self.answer(method, try bytes(of: message), call))
        }
    }

    private func answer(
        _ method: MethodDescriptor,
        _ payload: [UInt8],
        _ call: CallContext
    ) throws -> [UInt8] {
        let isCheck =
            method.path == AccountsMethods.checkSession.descriptor.path
            && call.metadata[PersonHeaders.role] == nil
        if !isCheck {
            let seen = Seen(path: method.path, payload: payload, metadata: call.metadata)
            state.withLock { $0.seen.append(seen) }
        }
        if let fault = state.withLock({ $0.faults[method.path] ?? $0.faults[method.service] }) {
            throw fault
        }
        if isCheck { return try check(CheckSessionRequest(serializedBytes: payload).token) }
        return state.withLock { $0.answers[method.path] ?? [] }
    }

    private func check(_ token: String) throws -> [UInt8] {
        let session = state.withLock { state in
            state.checks.append(token)
            return state.sessions[token]
        }
        guard let session else { throw RPCError(.unauthenticated, "Sign in again.") }
        return try session.serializedBytes()
    }
}

/// The people of these tests.
enum TestPerson: String, CaseIterable, Sendable {
    case young, otherYoung, counsellor, otherCounsellor, supervisor

    var id: String { "id-\(rawValue)" }
    var token: String { "token-\(rawValue)" }
    var sessionID: String { "session-\(rawValue)" }
    var options: CallOptions { CallOptions(metadata: ["authorization": "Bearer \(token)"]) }
}
