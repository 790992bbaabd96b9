import RPC

/// Outcomes a caller can act on.
enum ActionsError: RPCFailure {
    case unknownAction
    case idTaken(String)

    var rpcError: RPCError {
        switch self {
        case .unknownAction:
            RPCError(.notFound, "There is no such action among yours.")
        case .idTaken(let id):
            RPCError(.alreadyExists, "The id \(id) is taken by another action; choose a new one.")
        }
    }
}
