import COpenSSL
import Synchronization

/// The last session with each peer, so that the next connection to it resumes.
///
/// Bounded by `Limits.sessionsMax`; the one stored longest ago goes first. What is kept and what is
/// offered are copies: libssl changes a session object without a lock while its connection lives.
final class ClientSessions: Sendable {
    private struct State {
        var sessions: [TLSPeer: SavedSession] = [:]
        var order: [TLSPeer] = []
    }

    private let state = Mutex(State())

    /// Keeps a copy of `session`, unless `peer` names nobody in particular.
    ///
    /// Safety: `session` lives until this returns.
    @unsafe func store(_ session: OpaquePointer, for peer: TLSPeer) {
        guard peer != .anyone, let copy = unsafe SSL_SESSION_dup(session) else { return }
        let saved = unsafe SavedSession(owning: copy)
        state.withLock { state in
            if state.sessions.updateValue(saved, forKey: peer) != nil {
                state.order.removeAll { $0 == peer }
            }
            state.order.append(peer)
            if state.order.count > Limits.sessionsMax {
                state.sessions[state.order.removeFirst()] = nil
            }
        }
    }

    /// Offers the session with `peer`, if there is one, in the handshake of `ssl`.
    ///
    /// Safety: `ssl` lives until this returns, and belongs to this thread; it counts its own
    /// reference.
    @unsafe func offer(to ssl: OpaquePointer, for peer: TLSPeer) {
        guard let saved = state.withLock({ $0.sessions[peer] }),
            let session = unsafe SSL_SESSION_dup(saved.handle)
        else { return }
        unsafe SSL_set_session(ssl, session)
        unsafe SSL_SESSION_free(session)
    }
}

/// A session that no connection uses.
///
/// Safety: owns one reference to `handle`, given up at the end, and nobody changes it: who wants to
/// use it makes a copy.
@safe private final class SavedSession: @unchecked Sendable {
    let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit { unsafe SSL_SESSION_free(handle) }
}
