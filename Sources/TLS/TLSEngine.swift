import COpenSSL
import NIOCore

/// One connection's TLS, as bytes in and bytes out.
///
/// Knows no channel.
///
/// Safety: owns `ssl`, with its BIO, until the end, and is used on one event loop only (it is not
/// `Sendable`). The callbacks that libssl makes into it are described at `Callbacks`.
@safe final class TLSEngine {
    let context: TLSContext
    let peer: TLSPeer
    private let ssl: OpaquePointer
    /// Ciphertext from the peer that libssl has not read yet.
    private var inbound = ByteBuffer()
    /// Ciphertext for the peer, to be taken with `takeOutbound()`.
    private var outbound = ByteBuffer()
    /// Why a callback refused the peer.
    var refusal: TLSFailure.Kind?
    /// Steps of libssl's state machine since the handshake's end, see `Callbacks.stateChanged`.
    var steps = 0
    private var receivedBytes = 0
    private var isEstablished = false
    /// Larger buffers are given back after use.
    private(set) var keptBytesMax = Limits.keptBufferBytesMax

    /// Prepares one connection; a client offers the session it remembers.
    init(context: TLSContext, peer: TLSPeer) throws(TLSError) {
        guard let method = unsafe Callbacks.method, let ssl = unsafe SSL_new(context.handle) else {
            throw ContextBuilder.refusal()
        }
        self.context = context
        self.peer = peer
        unsafe self.ssl = ssl
        context.connectionOpened()
        guard let bio = unsafe BIO_new(method) else { throw ContextBuilder.refusal() }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        // Gives up the only reference; `ssl` frees it.
        unsafe SSL_set_bio(ssl, bio, bio)
        switch context.settings.role {
        case .server: unsafe SSL_set_accept_state(ssl)
        case .client:
            unsafe SSL_set_connect_state(ssl)
            try expectPeer()
            unsafe context.sessions.offer(to: ssl, for: peer)
        }
    }

    deinit {
        unsafe SSL_free(ssl)
        context.connectionClosed()
    }

    private func expectPeer() throws(TLSError) {
        switch peer {
        case .anyone: break
        case .uri(let uri):
            guard
                uri.utf8.count > TLSPeer.servicePrefix.utf8.count
                    || !uri.hasPrefix(TLSPeer.servicePrefix),
                !uri.isEmpty
            else { throw .badPeerName(uri) }
        case .host(let name):
            guard !name.isEmpty, !name.utf8.contains(0) else { throw .badPeerName(name) }
            // An address is compared with the certificate's addresses, and never sent as a server
            // name.
            if unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1 { break }
            ERR_clear_error()
            guard unsafe SSL_set1_host(ssl, name) == 1,
                unsafe COpenSSL_set_server_name(ssl, name) == 1
            else { throw .badPeerName(name) }
        }
    }

    // Bytes.

    /// Hands over bytes from the peer; `handshake()` or `decrypt(into:)` then reads them.
    func receive(_ bytes: inout ByteBuffer) {
        receivedBytes += bytes.readableBytes
        if inbound.readableBytes == 0 {
            inbound = bytes
        } else {
            inbound.writeBuffer(&bytes)
        }
    }

    /// Copies what fits of the peer's bytes, for libssl.
    ///
    /// Safety: `memory` is valid until this returns.
    @unsafe func takeCiphertext(into memory: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(memory.count, inbound.readableBytes)
        guard count > 0 else { return 0 }
        unsafe inbound.readWithUnsafeReadableBytes { bytes in
            unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(count)))
            return count
        }
        return count
    }

    /// Appends libssl's bytes for the peer.
    ///
    /// Safety: `memory` is valid until this returns.
    @unsafe func giveCiphertext(_ memory: UnsafeRawBufferPointer) {
        // Empty means: sent. The channel has mostly let go of the memory by now, so that it serves
        // again.
        if outbound.readableBytes == 0 { outbound.clear(minimumCapacity: memory.count) }
        unsafe outbound.writeBytes(memory)
    }

    /// How much ciphertext waits to be sent.
    var outboundBytes: Int { outbound.readableBytes }

    /// The ciphertext to send now, or `nil`.
    func takeOutbound() -> ByteBuffer? {
        guard outbound.readableBytes > 0 else { return nil }
        let taken = outbound
        if outbound.capacity > keptBytesMax {
            outbound = ByteBuffer()
        } else {
            outbound.moveReaderIndex(to: outbound.writerIndex)
        }
        return taken
    }

    // The handshake.

    /// Goes on with the handshake.
    ///
    /// - Returns: Whether it is complete.
    func handshake() throws(TLSFailure) -> Bool {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(ssl)
        guard result == 1 else {
            let code = unsafe SSL_get_error(ssl, result)
            if code == SSL_ERROR_WANT_READ { return false }
            throw failure(code)
        }
        try checkAgreement()
        isEstablished = true
        steps = 0
        return true
    }

    /// What libssl does not check: a protocol was chosen; and, for a resumed session, whose check
    /// was made when it began, that the certificate is still valid and still the expected peer's.
    private func checkAgreement() throws(TLSFailure) {
        if context.settings.requiresApplicationProtocol && negotiatedProtocol == nil {
            throw TLSFailure(.noApplicationProtocol)
        }
        guard wasResumed, let certificate = peerCertificate() else { return }
        if certificate.isExpired(at: context.time) { throw TLSFailure(.certificateExpired) }
        guard accepts(certificate) else {
            throw TLSFailure(.wrongPeer(expected: peer.description, found: certificate.uriNames))
        }
    }

    /// Whether the certificate carries the expected URI.
    ///
    /// libssl itself checks host names.
    func accepts(_ certificate: Certificate) -> Bool {
        guard case .uri(let uri) = peer else { return true }
        return certificate.uriNames.contains(uri)
    }

    /// Notes why the peer's certificate is refused.
    func refuse(_ certificate: Certificate, error: Int32) {
        refusal =
            switch error {
            case X509_V_ERR_APPLICATION_VERIFICATION:
                .wrongPeer(expected: peer.description, found: certificate.uriNames)
            case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
                .wrongPeer(expected: peer.description, found: certificate.dnsNames)
            default: TLSFailure.Kind(certificateError: error)
            }
    }

    /// The place in `offered` (names behind their lengths) of this side's first choice.
    ///
    /// Safety: `offered` is valid until this returns.
    @unsafe func choose(from offered: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        for wanted in context.settings.applicationProtocols {
            var index = 0
            while index < offered.count {
                let end = index + 1 + Int(unsafe offered[index])
                guard end <= offered.count else { return nil }
                if unsafe offered[(index + 1)..<end].elementsEqual(wanted.utf8) {
                    return (index + 1)..<end
                }
                index = end
            }
        }
        return nil
    }

    /// The protocol chosen by ALPN.
    var negotiatedProtocol: String? {
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        // Safety: the name belongs to `ssl` and is copied at once.
        unsafe SSL_get0_alpn_selected(ssl, &start, &count)
        guard let start = unsafe start, count > 0 else { return nil }
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: Int(count)),
            as: UTF8.self
        )
    }

    /// Whether the handshake resumed an earlier session.
    var wasResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }

    /// The certificate that the peer showed.
    func peerCertificate() -> Certificate? {
        // A reference of our own.
        guard let handle = unsafe SSL_get1_peer_certificate(ssl) else { return nil }
        return unsafe Certificate(owning: handle)
    }

    // After the handshake.

    /// Decrypts all that was received.
    ///
    /// - Returns: Whether the peer has said that it sends no more.
    func decrypt(into plaintext: inout ByteBuffer) throws(TLSFailure) -> Bool {
        repeat {
            clearErrors()
            var count = 0
            var result: Int32 = 0
            // Plaintext is shorter than its ciphertext; what libssl still holds comes with the next
            // turn.
            let room = max(inbound.readableBytes, unsafe Int(SSL_pending(ssl)), 64)
            // Safety: libssl writes at most `memory.count` bytes, and says how many.
            unsafe plaintext.writeWithUnsafeMutableBytes(
                minimumWritableBytes: min(room, Limits.recordBytesMax)
            ) {
                memory in
                result = unsafe SSL_read_ex(ssl, memory.baseAddress, memory.count, &count)
                return count
            }
            guard steps <= Limits.freeSteps + receivedBytes / 1_048_576 else {
                throw TLSFailure(.tooManyUpdates)
            }
            if result == 1 { continue }
            let code = unsafe SSL_get_error(ssl, result)
            switch code {
            case SSL_ERROR_WANT_READ: return wantRead()
            case SSL_ERROR_ZERO_RETURN: return true
            default: throw failure(code)
            }
            // To ask libssl when it can have nothing more costs as much as a third of a record.
        } while inbound.readableBytes > 0 || holdsMore
        return wantRead()
    }

    /// Whether libssl has taken bytes that it has not decrypted, or decrypted bytes not taken from it.
    private var holdsMore: Bool { unsafe SSL_has_pending(ssl) == 1 }

    /// All that came is read: gives the memory back, which the channel reads into again.
    private func wantRead() -> Bool {
        inbound = ByteBuffer()
        return false
    }

    /// Keeps libssl's buffers from one record to the next, while there are many, or has libssl free
    /// them after each: 34 KiB that an idle connection has no use for.
    func keepBuffers(_ keep: Bool) {
        keptBytesMax = keep ? Limits.chunkBytes : Limits.keptBufferBytesMax
        if !keep, outbound.readableBytes == 0 { outbound = ByteBuffer() }
        unsafe COpenSSL_keep_buffers(ssl, keep ? 1 : 0)
    }

    /// Forgets what other calls of libssl on this thread left behind, which `SSL_get_error` would
    /// take for its own; to look costs far less than to clear.
    private func clearErrors() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// Encrypts up to one record from the front of `plaintext` into `outbound`.
    func encrypt(_ plaintext: inout ByteBuffer) throws(TLSFailure) {
        guard plaintext.readableBytes > 0 else { return }
        clearErrors()
        var count = 0
        var result: Int32 = 0
        // Safety: libssl reads at most the bytes given, and says how many it took.
        unsafe plaintext.readWithUnsafeReadableBytes { memory in
            result = unsafe SSL_write_ex(
                ssl,
                memory.baseAddress,
                min(memory.count, Limits.recordBytesMax),
                &count
            )
            return count
        }
        guard result == 1 else { throw failure(unsafe SSL_get_error(ssl, result)) }
    }

    /// Changes the keys in both directions before the next record; libssl never does so by itself.
    ///
    /// Only the test of the bound on a peer's updates has a use for it.
    func updateKeys() throws(TLSFailure) {
        guard unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 else {
            throw failure(SSL_ERROR_SSL)
        }
    }

    /// Puts the closing message into `outbound`, if the handshake was completed.
    func sendClose() {
        guard isEstablished else { return }
        ERR_clear_error()
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    private func failure(_ code: Int32) -> TLSFailure {
        isEstablished = false
        let error = ERR_peek_error()
        ERR_clear_error()
        let verification = unsafe SSL_get_verify_result(ssl)
        return TLSFailure(error: error, refusal: refusal, verification: verification)
    }
}
