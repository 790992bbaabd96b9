import RPC

/// Outcomes a caller can act on.
///
/// Any other error reaches the client as INTERNAL.
enum AgendaError: RPCFailure, Equatable {
    /// There is no such appointment, or it is somebody else's: the same answer for both.
    case unknownAppointment
    /// The id stands for a booking with other content.
    case otherContent
    /// The appointment was cancelled, for good.
    case cancelled
    /// Only counsellors do this.
    case notCounsellor
    /// The caller is neither a young person nor a counsellor.
    case noAgenda

    var rpcError: RPCError {
        switch self {
        case .unknownAppointment:
            RPCError(.notFound, "You have no appointment with this id.")
        case .otherContent:
            RPCError(
                .alreadyExists,
                "An appointment with this id and other content exists; book with a new id."
            )
        case .cancelled:
            RPCError(.failedPrecondition, "This appointment was cancelled; book a new one.")
        case .notCounsellor:
            RPCError(.permissionDenied, "Only counsellors book, move and cancel appointments.")
        case .noAgenda:
            RPCError(.permissionDenied, "Only young people and counsellors have an agenda.")
        }
    }
}
