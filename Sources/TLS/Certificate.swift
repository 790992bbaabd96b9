import COpenSSL
import Glibc

/// An X.509 certificate.
///
/// Safety: owns one reference to `handle`, given up at the end; libcrypto counts references under a
/// lock, and nothing here changes the certificate.
@safe final class Certificate {
    let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit { unsafe X509_free(handle) }

    /// The URIs among the subject alternative names.
    var uriNames: [String] { names(GEN_URI) }

    /// The DNS names among the subject alternative names.
    var dnsNames: [String] { names(GEN_DNS) }

    /// Whether `time` (seconds since 1970 UTC; `nil`: now) lies after the last moment of validity.
    func isExpired(at time: Int64?) -> Bool {
        // Safety: the time of a certificate lives as long as the certificate.
        unsafe Self.compare(X509_get0_notAfter(handle), time) < 0
    }

    /// Whether `time` (seconds since 1970 UTC; `nil`: now) lies before the first moment of
    /// validity.
    func isNotYetValid(at time: Int64?) -> Bool {
        // Safety: as above.
        unsafe Self.compare(X509_get0_notBefore(handle), time) > 0
    }

    /// The last moment of validity, for people.
    var lastMoment: String { unsafe Self.text(X509_get0_notAfter(handle)) }

    /// The first moment of validity, for people.
    var firstMoment: String { unsafe Self.text(X509_get0_notBefore(handle)) }

    private static func compare(_ moment: UnsafePointer<ASN1_TIME>?, _ time: Int64?) -> Int32 {
        guard var seconds = time.map({ time_t($0) }) else {
            return unsafe X509_cmp_current_time(moment)
        }
        return unsafe X509_cmp_time(moment, &seconds)
    }

    private static func text(_ moment: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = unsafe tm()
        // Safety: `parts` outlives the call, which only fills it.
        guard unsafe ASN1_TIME_to_tm(moment, &parts) == 1 else { return "an unreadable date" }
        let fields = unsafe [parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min]
            .map { $0 < 10 ? "0\($0)" : "\($0)" }
        let year = unsafe parts.tm_year + 1900
        return "\(year)-\(fields[0])-\(fields[1]) \(fields[2]):\(fields[3]) UTC"
    }

    private func names(_ type: Int32) -> [String] {
        var found: [String] = []
        // Safety: `X509_get_ext_d2i` answers a list of our own, freed below; each text is copied
        // out before, by its own length (a zero byte inside does not end it).
        guard let list = unsafe X509_get_ext_d2i(handle, NID_subject_alt_name, nil, nil) else {
            return []
        }
        let names = OpaquePointer(list)
        let count = unsafe COpenSSL_GENERAL_NAMES_count(names)
        for index in 0..<count {
            guard let text = unsafe COpenSSL_GENERAL_NAMES_text(names, index, type),
                let start = unsafe ASN1_STRING_get0_data(text)
            else { continue }
            let bytes = unsafe UnsafeBufferPointer(
                start: start,
                count: Int(ASN1_STRING_length(text))
            )
            // Names are printable ASCII; anything else is no name anybody expects.
            guard unsafe bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { continue }
            found.append(unsafe String(decoding: bytes, as: UTF8.self))
        }
        unsafe GENERAL_NAMES_free(names)
        return found
    }
}

/// A private key.
///
/// Safety: owns one reference to `handle`, given up at the end.
@safe final class PrivateKey {
    let handle: OpaquePointer

    /// Takes over one reference.
    init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit { unsafe EVP_PKEY_free(handle) }
}
