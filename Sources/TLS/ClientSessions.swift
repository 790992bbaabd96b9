import COpenSSL
import Synchronization

/// The last session with each peer, so that the next connection to it resumes.
///
/// Bounded by `Limits.sessionsMax`; the one stored longest ago goes first. Sessions are kept in
/// their serial form: libssl changes a session object without a lock while its connection lives.
final class ClientSessions: Sendable {
    private struct State {
        var sessions: [TLSPeer: [UInt8]] = [:]
        var order: [TLSPeer] = []
    }

    private let state = Mutex(State())

    /// Keeps a copy of `session`, unless `peer` names nobody in particular.
    ///
    /// Safety: `session` lives until this returns.
    @unsafe func store(_ session: OpaquePointer, for peer: TLSPeer) {
        guard peer != .anyone else { return }
        let size = unsafe i2d_SSL_SESSION(session, nil)
        guard size > 0 else { return }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(size)) { memory, count in
            var next = memory.baseAddress
            count = max(0, Int(unsafe i2d_SSL_SESSION(session, &next)))
        }
        state.withLock { state in
            if state.sessions.updateValue(bytes, forKey: peer) != nil {
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
        guard let bytes = state.withLock({ $0.sessions[peer] }) else { return }
        unsafe bytes.withUnsafeBufferPointer { memory in
            var next = memory.baseAddress
            guard let session = unsafe d2i_SSL_SESSION(nil, &next, memory.count) else { return }
            unsafe SSL_set_session(ssl, session)
            unsafe SSL_SESSION_free(session)
        }
    }
}
