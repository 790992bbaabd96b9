import COpenSSL

/// Makes an `SSL_CTX` of settings.
struct ContextBuilder {
    let settings: TLSSettings
    let time: Int64?

    /// The cheapest on processors with AES instructions first.
    ///
    /// Source: RFC 8446 §B.4.
    private static let ciphers =
        "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"
    /// Servers that ask for certificates must name their context, or libssl resumes nothing.
    private static let sessionContext: [UInt8] = Array("pass".utf8)

    /// The caller owns the result.
    func build() throws(TLSError) -> OpaquePointer {
        let method = unsafe settings.role == .server ? TLS_server_method() : TLS_client_method()
        guard let handle = unsafe SSL_CTX_new(method) else { throw Self.refusal() }
        do throws(TLSError) {
            try unsafe configure(handle)
            return unsafe handle
        } catch {
            unsafe SSL_CTX_free(handle)
            throw error
        }
    }

    // Safety, for all functions below: `context` was made by `build()` and lives until they return;
    // what they hand over is counted or copied by libssl. Arrays given as pointers are copied
    // before the call returns.

    private func configure(_ context: OpaquePointer) throws(TLSError) {
        unsafe COpenSSL_CTX_set_modes(context)
        unsafe COpenSSL_CTX_set_options(context)
        guard unsafe COpenSSL_CTX_set_tls13_only(context) == 1,
            unsafe SSL_CTX_set_ciphersuites(context, Self.ciphers) == 1,
            unsafe COpenSSL_CTX_set_groups(context, Self.groups) == 1
        else { throw Self.refusal() }
        try unsafe loadCertificate(context)
        try unsafe loadAuthorities(context)
        if let time {
            unsafe X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), time_t(time))
        }
        let list = try protocolList()
        unsafe SSL_CTX_set_info_callback(context, Callbacks.stateChanged)
        switch settings.role {
        case .server: try unsafe configureServer(context)
        case .client:
            unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, Callbacks.verify)
            unsafe COpenSSL_CTX_cache_sessions_outside(context)
            unsafe SSL_CTX_sess_set_new_cb(context, Callbacks.newSession)
            guard !list.isEmpty else { return }
            guard unsafe SSL_CTX_set_alpn_protos(context, list, UInt32(list.count)) == 0 else {
                throw Self.refusal()
            }
        }
    }

    private func configureServer(_ context: OpaquePointer) throws(TLSError) {
        let mode =
            settings.requiresPeerCertificate
            ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_NONE
        unsafe SSL_CTX_set_verify(context, mode, Callbacks.verify)
        if settings.requiresPeerCertificate {
            // A ticket that holds the session holds the client's certificate, and to decode that
            // takes longer than the rest of a resumed handshake. Services have few peers.
            unsafe COpenSSL_CTX_cache_sessions_inside(context, Limits.serverSessionsMax)
        } else {
            unsafe COpenSSL_CTX_cache_no_sessions(context)
        }
        unsafe SSL_CTX_set_alpn_select_cb(context, Callbacks.selectProtocol, nil)
        if settings.requiresApplicationProtocol {
            unsafe SSL_CTX_set_client_hello_cb(context, Callbacks.clientHello, nil)
        }
        let name = Self.sessionContext
        guard unsafe SSL_CTX_set_num_tickets(context, 1) == 1,
            unsafe SSL_CTX_set_session_id_context(context, name, UInt32(name.count)) == 1
        else { throw Self.refusal() }
    }

    private func loadCertificate(_ context: OpaquePointer) throws(TLSError) {
        guard settings.certificatePath != nil || settings.keyPath != nil else {
            if settings.role == .server { throw .serverWithoutCertificate }
            return
        }
        guard let certificatePath = settings.certificatePath, let keyPath = settings.keyPath else {
            throw .certificateWithoutKey
        }
        let chain = try PEMFile(path: certificatePath).certificates()
        for certificate in chain { try check(certificate, certificatePath) }
        let key = try PEMFile(path: keyPath).privateKey()
        guard let own = chain.first, unsafe SSL_CTX_use_certificate(context, own.handle) == 1 else {
            throw Self.refusal()
        }
        guard unsafe X509_check_private_key(own.handle, key.handle) == 1 else {
            ERR_clear_error()
            throw .keyMismatch(certificatePath: certificatePath, keyPath: keyPath)
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, key.handle) == 1 else { throw Self.refusal() }
        for issuer in chain.dropFirst() {
            guard unsafe COpenSSL_CTX_add1_chain_cert(context, issuer.handle) == 1 else {
                throw Self.refusal()
            }
        }
    }

    private func loadAuthorities(_ context: OpaquePointer) throws(TLSError) {
        guard let path = settings.authorityPath else {
            guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else {
                throw Self.refusal()
            }
            return
        }
        let authorities = try PEMFile(path: path).certificates()
        // Beside a successor, an authority that has expired does no harm.
        if authorities.allSatisfy({ $0.isExpired(at: time) || $0.isNotYetValid(at: time) }) {
            for authority in authorities { try check(authority, path) }
        }
        for authority in authorities {
            guard
                unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.handle) == 1,
                unsafe SSL_CTX_add_client_CA(context, authority.handle) == 1
            else { throw Self.refusal() }
        }
    }

    private func check(_ certificate: Certificate, _ path: String) throws(TLSError) {
        if certificate.isExpired(at: time) {
            throw .expired(path: path, date: certificate.lastMoment)
        }
        if certificate.isNotYetValid(at: time) {
            throw .notYetValid(path: path, date: certificate.firstMoment)
        }
    }

    /// The names as ALPN sends them, each behind its length.
    ///
    /// Source: RFC 7301 §3.1.
    private func protocolList() throws(TLSError) -> [UInt8] {
        var list: [UInt8] = []
        for name in settings.applicationProtocols.map({ Array($0.utf8) }) {
            guard (1...255).contains(name.count) else { throw .badProtocolNames }
            list.append(UInt8(name.count))
            list += name
        }
        let least = settings.requiresApplicationProtocol ? 1 : 0
        guard (least...Int(UInt16.max)).contains(list.count) else { throw .badProtocolNames }
        return list
    }

    /// libssl's last words on this thread, as an error.
    static func refusal() -> TLSError {
        .library(reason: Reason.take())
    }
}
