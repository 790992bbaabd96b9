import COpenSSL

/// The C functions that libssl calls.
///
/// Safety, for all of them: libssl calls them inside `SSL_*` calls, which only a `TLSEngine` makes,
/// on the thread of its event loop. The BIO's data is that engine, unretained: it is alive, for it
/// is making the call, and it frees the BIO when it ends. No property of the engine that a callback
/// touches is being changed by the engine meanwhile (`inbound`, `outbound`, `refusal`, `steps` are
/// never passed `inout` into a call of libssl).
enum Callbacks {
    /// How libssl reads and writes: from and to the engine's buffers.
    ///
    /// `nil` only without memory. Safety: made once, and only read from then on.
    nonisolated(unsafe) static let method: OpaquePointer? = {
        guard
            let method = unsafe BIO_meth_new(
                BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                "ByteBuffer"
            )
        else { return nil }
        unsafe BIO_meth_set_read(method, read)
        unsafe BIO_meth_set_write(method, write)
        unsafe BIO_meth_set_ctrl(method, control)
        return unsafe method
    }()

    private static func engine(of bio: OpaquePointer?) -> TLSEngine? {
        guard let data = unsafe BIO_get_data(bio) else { return nil }
        return unsafe Unmanaged<TLSEngine>.fromOpaque(data).takeUnretainedValue()
    }

    private static func engine(ofSSL ssl: OpaquePointer?) -> TLSEngine? {
        unsafe engine(of: SSL_get_rbio(ssl))
    }

    private static let read:
        @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int32) -> Int32 = {
            bio,
            memory,
            count in
            unsafe COpenSSL_BIO_clear_retry_flags(bio)
            guard let engine = unsafe engine(of: bio), let memory = unsafe memory, count > 0 else {
                return -1
            }
            let copied = unsafe engine.takeCiphertext(
                into: UnsafeMutableRawBufferPointer(start: memory, count: Int(count))
            )
            guard copied > 0 else {
                unsafe COpenSSL_BIO_set_retry_read(bio)
                return -1
            }
            return Int32(copied)
        }

    private static let write:
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            bio,
            memory,
            count in
            unsafe COpenSSL_BIO_clear_retry_flags(bio)
            guard let engine = unsafe engine(of: bio), let memory = unsafe memory, count > 0 else {
                return -1
            }
            unsafe engine.giveCiphertext(UnsafeRawBufferPointer(start: memory, count: Int(count)))
            return count
        }

    private static let control:
        @convention(c) (OpaquePointer?, Int32, Int, UnsafeMutableRawPointer?) -> Int = {
            _,
            command,
            _,
            _ in
            command == BIO_CTRL_FLUSH ? 1 : 0
        }

    /// Chooses the first of the server's protocols that the client offers, or refuses.
    static let selectProtocol:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
            UnsafeMutablePointer<UInt8>?,
            UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
        ) -> Int32 = { ssl, selected, selectedLength, offered, offeredLength, _ in
            guard let engine = unsafe engine(ofSSL: ssl), let offered = unsafe offered else {
                return SSL_TLSEXT_ERR_ALERT_FATAL
            }
            let list = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
            if let choice = unsafe engine.choose(from: list) {
                // Inside libssl's own list, which it keeps until it has copied the choice.
                unsafe selected?.pointee = offered + choice.lowerBound
                unsafe selectedLength?.pointee = UInt8(choice.count)
                return SSL_TLSEXT_ERR_OK
            }
            guard engine.context.settings.requiresApplicationProtocol else {
                return SSL_TLSEXT_ERR_NOACK
            }
            engine.refusal = .noApplicationProtocol
            return SSL_TLSEXT_ERR_ALERT_FATAL
        }

    /// Refuses clients that do not speak of protocols at all: libssl asks `selectProtocol` only
    /// about the others.
    static let clientHello:
        @convention(c) (
            OpaquePointer?, UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?
        ) -> Int32 = { ssl, alert, _ in
            let extensionType = UInt32(TLSEXT_TYPE_application_layer_protocol_negotiation)
            if unsafe SSL_client_hello_get0_ext(ssl, extensionType, nil, nil) == 1 {
                return SSL_CLIENT_HELLO_SUCCESS
            }
            unsafe engine(ofSSL: ssl)?.refusal = .noApplicationProtocol
            unsafe alert?.pointee = SSL_AD_NO_APPLICATION_PROTOCOL
            return SSL_CLIENT_HELLO_ERROR
        }

    /// Adds the check of the peer's name to libssl's check of its certificate.
    static let verify: @convention(c) (Int32, OpaquePointer?) -> Int32 = { accepted, store in
        guard
            let ssl = unsafe X509_STORE_CTX_get_ex_data(
                store,
                SSL_get_ex_data_X509_STORE_CTX_idx()
            ),
            let engine = unsafe engine(ofSSL: OpaquePointer(ssl))
        else { return 0 }
        guard let leaf = unsafe X509_STORE_CTX_get0_cert(store), unsafe X509_up_ref(leaf) == 1
        else { return 0 }
        let certificate = unsafe Certificate(owning: leaf)
        if accepted == 1 {
            guard unsafe X509_STORE_CTX_get_error_depth(store) == 0, !engine.accepts(certificate)
            else {
                return 1
            }
            unsafe X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION)
        }
        engine.refuse(certificate, error: unsafe X509_STORE_CTX_get_error(store))
        return 0
    }

    /// Keeps a session for the next connection to the same peer.
    static let newSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = {
        ssl,
        session in
        if let engine = unsafe engine(ofSSL: ssl), let session = unsafe session {
            unsafe engine.context.sessions.store(session, for: engine.peer)
        }
        // The reference stays libssl's.
        return 0
    }

    /// Counts the steps of messages after the handshake: key updates and tickets.
    static let stateChanged: @convention(c) (OpaquePointer?, Int32, Int32) -> Void = {
        ssl,
        event,
        _ in
        guard event & SSL_CB_LOOP != 0, let engine = unsafe engine(ofSSL: ssl) else { return }
        engine.steps += 1
    }
}
