import NIOCore

/// Calls that are tried again.
extension ClientLoop {
    /// Tries a call again, at once or after a wait, if that is safe, may help, and if there is time
    /// and budget for it.
    ///
    /// - Returns: Whether it does; if not, the error is the call's.
    func tryAgain(_ call: ClientCall, after error: RPCError) -> Bool {
        guard !isClosed, call.attempt + 1 < Limits.triesMax,
            error.permitsRetry(isIdempotent: call.method.isIdempotent)
        else { return false }
        let now = eventLoop.now
        var wait = TimeAmount.zero
        // What one replica refuses, another may take; after that it is all of them that suffer.
        if call.attempt > 0 || !error.isNotProcessed || !hasOther(than: call) {
            guard error.retryAfter ?? .zero <= Limits.retryAfterMax else { return false }
            let pause = retryWait(call.attempt, jitter: configuration.jitter())
            wait = TimeAmount(max(pause, error.retryAfter ?? .zero))
        }
        if let deadline = call.deadline, deadline <= now + wait { return false }
        guard budget.takeRetry(at: now) else { return false }
        call.beginNextTry()
        if wait == .zero {
            start(call)
        } else {
            rest(call, wait)
        }
        return true
    }

    /// Whether a replica that the call has not been to could take it now.
    private func hasOther(than call: ClientCall) -> Bool {
        endpoints.indices.contains { index in
            endpoints[index].ready?.wasGreeted == true && !balancer.loads[index].isSetAside
                && !call.wasAt(endpoints[index])
        }
    }
}

/// The wait before a try: 50 ms after the first, and double after each other.
///
/// `jitter`, between -1 and 1, moves it by up to a fifth either way.
func retryWait(_ attempt: UInt32, jitter: Double) -> Duration {
    Limits.retryWaitFirst * (1 << min(attempt, 16)) * (1 + Limits.backoffJitter * jitter)
}

extension RPCError {
    /// Whether the error says something of the replica and not of the call: another replica, or the
    /// same one later, may well do better.
    var isOfReplica: Bool {
        switch code {
        case .unavailable, .deadlineExceeded: true
        // Without a time to come back it is the call that asks for too much.
        case .resourceExhausted: retryAfter != nil
        default: false
        }
    }

    /// Whether trying again is safe and may help.
    func permitsRetry(isIdempotent: Bool) -> Bool {
        switch code {
        case .unavailable: isNotProcessed || isIdempotent
        // A handler may have begun; and what asks for too much will do so again.
        case .resourceExhausted: isNotProcessed && retryAfter != nil
        default: false
        }
    }
}
