import Contracts
import NIOCore
import RPC
import ServiceKit

/// The native door: passes the client-facing methods of all services on, payload untouched.
///
/// Driven by the method tables alone: no route is written by hand.
struct Door: Sendable {
    let sessions: Sessions
    let clients: [String: RPCClient]

    /// The person who calls, if the method's table lets them.
    ///
    /// - Throws: UNAUTHENTICATED without a valid session where one is needed; PERMISSION_DENIED if
    ///   the method is not for this person, or not for people at all.
    func person(for call: CallContext) async throws -> Sessions.Person {
        let roles = call.method.roles
        guard Self.isOpenToPeople(call.method) else {
            throw RPCError(
                .permissionDenied,
                "\(call.method.path) is not open to clients.",
                isNotProcessed: true
            )
        }
        if let person = try await sessions.person(of: call.metadata) {
            guard roles.contains("PUBLIC") || roles.contains(person.caller.roleName) else {
                throw RPCError(
                    .permissionDenied,
                    "\(call.method.path) is for \(roles.joined(separator: ", ")).",
                    isNotProcessed: true
                )
            }
            return person
        }
        guard roles.contains("PUBLIC") else {
            throw RPCError(
                .unauthenticated,
                "Sign in and send the token as authorization metadata: \"Bearer <token>\".",
                isNotProcessed: true
            )
        }
        return Sessions.Person.visitor
    }

    /// Whether anyone but operators and services may call a method.
    static func isOpenToPeople(_ method: MethodDescriptor) -> Bool {
        method.roles.contains { $0 != "OPERATOR" }
    }

    /// The methods of a service, each passed on to `service`.
    func methods(of descriptor: ServiceDescriptor, service: String) -> [RPCMethod] {
        guard let client = clients[service] else { return [] }
        return descriptor.methods.map { method in
            switch method.kind {
            case .unary:
                RPCMethod.rawUnary(method) { payload, call in
                    let person = try await person(for: call)
                    let options = Self.options(for: call, of: person)
                    let answer = try await client.rawUnary(method, payload, options: options)
                    forgetEndedSession(method, payload, person)
                    return answer
                }
            case .serverStream, .clientStream, .bidirectional:
                RPCMethod.rawStream(method) { requests, responses, call in
                    let person = try await person(for: call)
                    let options = Self.options(for: call, of: person)
                    var first: ByteBuffer?
                    if !method.kind.clientStreams {
                        for try await payload in requests { first = payload }
                    }
                    return try await client.rawStream(method, first: first, options: options) {
                        writer,
                        answers in
                        try await Self.pump(method.kind, requests, writer, answers, responses)
                    }
                }
            }
        }
    }

    /// What goes on with a call: what the client sent, less what only the gateway may say, plus the
    /// person.
    private static func options(for call: CallContext, of person: Sessions.Person) -> CallOptions {
        var metadata = PersonHeaders.metadata(for: person.caller, sessionID: person.sessionID)
        for pair in call.metadata.pairs
        where pair.key != "authorization" && !PersonHeaders.all.contains(pair.key) {
            metadata.add(pair.key, bytes: pair.value)
        }
        // Tries do not multiply: who calls again here is not helped by nine calls behind.
        return CallOptions(metadata: metadata, retries: call.attempt == 0)
    }

    /// Forgets a session that was just ended through this door: accounts' feed says so as well, but
    /// only moments later.
    private func forgetEndedSession(
        _ method: MethodDescriptor,
        _ payload: ByteBuffer,
        _ person: Sessions.Person
    ) {
        if method.path == AccountsMethods.signOut.descriptor.path {
            sessions.forget(sessionID: person.sessionID)
        } else if method.path == AccountsMethods.endSession.descriptor.path,
            let request = try? EndSessionRequest(serializedBytes: Array(payload.readableBytesView))
        {
            sessions.forget(sessionID: request.sessionID.lowercased())
        }
    }

    /// Passes messages on in both directions until the service has answered.
    ///
    /// - Returns: the answer's message, for kinds whose server sends just one.
    private static func pump(
        _ kind: CallKind,
        _ requests: RawRequestStream,
        _ writer: RawRequestWriter,
        _ answers: RawResponseStream,
        _ responses: RawResponseWriter
    ) async throws -> ByteBuffer? {
        try await withThrowingTaskGroup(of: Void.self) { group in
            if kind.clientStreams {
                group.addTask {
                    for try await payload in requests { try await writer.write(payload) }
                    writer.finish()
                }
            }
            var last: ByteBuffer?
            for try await payload in answers {
                if kind.serverStreams { try await responses.write(payload) } else { last = payload }
            }
            group.cancelAll()
            return last
        }
    }
}

extension Caller {
    /// The role in the method tables' spelling; "PUBLIC" for anyone without an account.
    var roleName: String {
        switch self {
        case .youngPerson: "YOUNG_PERSON"
        case .counsellor: "COUNSELLOR"
        case .supervisor: "SUPERVISOR"
        case .operator: "OPERATOR"
        case .visitor, .service: "PUBLIC"
        }
    }
}
