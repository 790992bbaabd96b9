import COpenSSL

extension TLSFailure {
    /// Reads libssl's error.
    ///
    /// - Parameters:
    ///   - error: The oldest of the error queue.
    ///   - refusal: What a callback refused, if one did: the cause of the error.
    ///   - verification: How the check of the peer's certificate ended.
    init(error: UInt, refusal: Kind?, verification: Int) {
        let reason = COpenSSL_reason(error)
        let words = error == 0 ? "" : Reason.text(error)
        if let refusal {
            // Safety: the texts are zero-terminated and live as long as the process.
            let detail = unsafe String(cString: X509_verify_cert_error_string(verification))
            self.init(refusal, reason: reason == SSL_R_CERTIFICATE_VERIFY_FAILED ? detail : words)
            return
        }
        // Alerts from the peer are numbered from here. Source: openssl/sslerr.h.
        if reason >= SSL_AD_REASON_OFFSET, let alert = UInt8(exactly: reason - SSL_AD_REASON_OFFSET)
        {
            self.init(Kind(alert: alert), reason: words)
            return
        }
        self.init(Kind(reason: reason), reason: words)
    }
}

extension TLSFailure.Kind {
    /// What libssl's check of a certificate found.
    init(certificateError: Int32) {
        self =
            switch certificateError {
            case X509_V_ERR_CERT_HAS_EXPIRED: .certificateExpired
            case X509_V_ERR_CERT_NOT_YET_VALID: .certificateNotYetValid
            case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
                X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
                X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_SIGNATURE_FAILURE,
                X509_V_ERR_CERT_UNTRUSTED:
                .unknownAuthority
            default: .certificateInvalid
            }
    }

    /// The peer's last word.
    ///
    /// Source: RFC 8446 §6.2.
    init(alert: UInt8) {
        self =
            switch Int32(alert) {
            case SSL_AD_BAD_CERTIFICATE, SSL_AD_UNSUPPORTED_CERTIFICATE, SSL_AD_CERTIFICATE_REVOKED,
                SSL_AD_CERTIFICATE_EXPIRED, SSL_AD_CERTIFICATE_UNKNOWN, SSL_AD_UNKNOWN_CA,
                SSL_AD_ACCESS_DENIED:
                .peerRefusedCertificate
            case SSL_AD_CERTIFICATE_REQUIRED: .peerWantsCertificate
            case SSL_AD_NO_APPLICATION_PROTOCOL: .noApplicationProtocol
            case SSL_AD_PROTOCOL_VERSION: .versionMismatch
            default: .peerAlert(alert)
            }
    }

    /// What libssl found wrong with the peer's bytes.
    init(reason: Int32) {
        self =
            switch reason {
            case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
                SSL_R_BAD_RECORD_TYPE, SSL_R_UNEXPECTED_MESSAGE, SSL_R_RECORD_LENGTH_MISMATCH:
                .notTLS
            case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH:
                .versionMismatch
            case SSL_R_NO_APPLICATION_PROTOCOL: .noApplicationProtocol
            case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .peerHasNoCertificate
            case SSL_R_CERTIFICATE_VERIFY_FAILED: .certificateInvalid
            default: .protocolViolation
            }
    }
}
