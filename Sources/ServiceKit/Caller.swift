public import RPC

/// Who makes a call, as far as authorisation goes.
public enum Caller: Sendable, Equatable {
    case youngPerson(String)
    case counsellor(String)
    case supervisor(String)
    /// Whoever runs the service, known by certificate.
    case `operator`
    /// Nobody in particular: a caller without an account.
    case visitor
    /// A service for itself, by the name in its certificate.
    case service(String)

    /// The account's id; `nil` for callers without one.
    public var personID: String? {
        switch self {
        case .youngPerson(let id), .counsellor(let id), .supervisor(let id): id
        case .operator, .visitor, .service: nil
        }
    }

    /// The role in the method tables' spelling; `nil` for a service.
    var role: String? {
        switch self {
        case .youngPerson: "YOUNG_PERSON"
        case .counsellor: "COUNSELLOR"
        case .supervisor: "SUPERVISOR"
        case .operator: "OPERATOR"
        case .visitor: "PUBLIC"
        case .service: nil
        }
    }
}

/// The metadata by which the gateway passes a signed-in person on to a service.
///
/// Services accept it only from peers entitled to assert it (`Authorization.assertingPeers`).
public enum PersonHeaders {
    /// The account's id.
    public static let id = "person-id"
    /// `YOUNG_PERSON`, `COUNSELLOR`, `SUPERVISOR` or `PUBLIC`.
    public static let role = "person-role"
    /// The id of the session, not its token.
    public static let session = "person-session"
    /// All of them: what a door drops from what its clients send.
    public static let all = [id, role, session]

    /// The metadata that asserts `caller`, a person or a visitor.
    public static func metadata(for caller: Caller, sessionID: String = "") -> Metadata {
        var metadata = Metadata()
        if let role = caller.role { metadata.add(PersonHeaders.role, role) }
        if let personID = caller.personID { metadata.add(PersonHeaders.id, personID) }
        if !sessionID.isEmpty { metadata.add(PersonHeaders.session, sessionID) }
        return metadata
    }
}

/// Who may call what, decided from the method table, the peer's certificate and what the peer says
/// of the person it calls for.
public struct Authorization: Sendable {
    /// The certificate name of whoever runs the system.
    public static let operatorPeer = "operator"
    /// The peers that may say for whom they call.
    public let assertingPeers: Set<String>

    /// Authorisation in which `assertingPeers` are believed about people; by default the gateway.
    public init(assertingPeers: Set<String> = ["gateway"]) {
        self.assertingPeers = assertingPeers
    }

    /// Refuses a call that the method's table does not allow.
    ///
    /// - Throws: UNAUTHENTICATED if nobody is known to call; PERMISSION_DENIED if the caller's role,
    ///   service or right to speak for a person is missing.
    public func check(_ call: CallContext) throws(RPCError) {
        if call.metadata[PersonHeaders.role] != nil {
            guard case .service(let peer) = call.peer, assertingPeers.contains(peer) else {
                throw RPCError(
                    .permissionDenied,
                    "Only the gateway may say for whom it calls.",
                    isNotProcessed: true
                )
            }
        }
        // Open to the public is open to all.
        if call.method.peers.contains("*") || call.method.roles.contains("PUBLIC") { return }
        let caller = call.caller
        if let role = caller.role, call.method.roles.contains(role) {
            guard caller.personID != "" else { throw Self.nobody }
            return
        }
        if case .service(let peer) = call.peer, call.method.peers.contains(peer) { return }
        if caller == .visitor, !call.method.roles.isEmpty { throw Self.nobody }
        throw RPCError(
            .permissionDenied,
            "\(call.method.path) is not open to this caller.",
            isNotProcessed: true
        )
    }

    private static let nobody = RPCError(
        .unauthenticated,
        "Sign in first.",
        isNotProcessed: true
    )
}

extension CallContext {
    /// Who calls.
    ///
    /// To be trusted behind `Authorization.check`, which servers run before handlers.
    public var caller: Caller {
        let id = metadata[PersonHeaders.id] ?? ""
        switch metadata[PersonHeaders.role] {
        case "YOUNG_PERSON": return .youngPerson(id)
        case "COUNSELLOR": return .counsellor(id)
        case "SUPERVISOR": return .supervisor(id)
        case .some: return .visitor
        case nil: break
        }
        guard case .service(let name) = peer else { return .visitor }
        return name == Authorization.operatorPeer ? .operator : .service(name)
    }

    /// The id of the person's session; empty without one.
    public var sessionID: String { metadata[PersonHeaders.session] ?? "" }
}
