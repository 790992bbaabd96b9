public import RPC
public import Storage

extension StorageError: RPCFailure {
    /// What a caller can act on: to come back later.
    ///
    /// Anything else is our own fault and leaves as INTERNAL, with the cause in the log.
    public var rpcError: RPCError {
        switch self {
        case .busy:
            RPCError(.unavailable, "Busy; try again.", retryAfter: .milliseconds(100))
        case .closed:
            RPCError(.unavailable, "The service is stopping; try again.")
        case .diskFull, .inputOutput:
            RPCError(.unavailable, "Nothing can be stored at the moment; try again later.")
        case .beyondFeed:
            RPCError(.outOfRange, "The position is behind the end of this feed.")
        default:
            RPCError(.internal, "\(self)")
        }
    }
}
