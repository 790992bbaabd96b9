import RPC

/// Outcomes that a caller can act on.
///
/// Any other error reaches the client as INTERNAL.
enum AccountsError: RPCFailure, Equatable {
    /// Wrong address or password, whichever.
    case wrongCredentials
    /// Wrong address or code, or a code that is too old, whichever.
    case wrongCode
    /// So many wrong tries that the account rests until the given instant.
    case tooManyTries(until: String, wait: Duration)
    /// Too many hashes wait already.
    case busy
    /// The token opens nothing, or the account behind it is gone.
    case signedOut
    case emailInUse
    case idInUse
    case notInCaseload
    case personUnknown
    case sessionUnknown
    case counsellorUnknown
    case caseloadFull
    case importTooLarge

    var rpcError: RPCError {
        switch self {
        case .wrongCredentials:
            RPCError(.unauthenticated, "The e-mail address or the password is wrong.")
        case .wrongCode:
            RPCError(
                .unauthenticated,
                """
                The e-mail address or the activation code is wrong, or the code is too old; \
                ask your counsellor for a new one.
                """
            )
        case .tooManyTries(let until, let wait):
            RPCError(
                .resourceExhausted,
                "Too many wrong tries on this account today. Come back after \(until).",
                retryAfter: wait
            )
        case .busy:
            RPCError(
                .unavailable,
                "Busy: many people are signing in. Try again in a few seconds.",
                retryAfter: Limits.busyRetryAfter
            )
        case .signedOut:
            RPCError(.unauthenticated, "The session has ended. Sign in again.")
        case .emailInUse:
            RPCError(.alreadyExists, "This e-mail address belongs to another account.")
        case .idInUse:
            RPCError(.alreadyExists, "This id was used with other content. Choose a new one.")
        case .notInCaseload:
            RPCError(.permissionDenied, "This young person is not in your caseload.")
        case .personUnknown:
            RPCError(.notFound, "There is no account with this id.")
        case .sessionUnknown:
            RPCError(.notFound, "You have no session with this id.")
        case .counsellorUnknown:
            RPCError(.permissionDenied, "There is no counsellor's account for this caller.")
        case .caseloadFull:
            RPCError(
                .failedPrecondition,
                "A caseload holds at most \(Limits.caseloadMax) young people."
            )
        case .importTooLarge:
            RPCError(
                .invalidArgument,
                """
                The file is too large: at most \(Limits.importBytesMax >> 20) MiB and \
                \(Limits.importLinesMax) lines. Split it; nothing was stored.
                """
            )
        }
    }
}
