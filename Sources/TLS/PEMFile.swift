import COpenSSL
import Glibc

/// The whole content of a PEM file.
struct PEMFile {
    let path: String
    let bytes: [UInt8]

    /// Reads the file at `path`, up to `Limits.fileBytesMax`.
    init(path: String) throws(TLSError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.error(errno, path) }
        defer { close(descriptor) }
        // One byte more than allowed, so that a file that is too large shows.
        var content = [UInt8](repeating: 0, count: Limits.fileBytesMax + 1)
        var count = 0
        while count < content.count {
            // Safety: reads into the array's own memory, at most as much as remains of it.
            let step = unsafe content.withUnsafeMutableBytes { memory in
                unsafe read(
                    descriptor,
                    memory.baseAddress.map { unsafe $0 + count },
                    memory.count - count
                )
            }
            if step < 0 && errno == EINTR { continue }
            guard step >= 0 else { throw Self.error(errno, path) }
            guard step > 0 else { break }
            count += step
        }
        guard count <= Limits.fileBytesMax else {
            throw .fileTooLarge(path: path, limitBytes: Limits.fileBytesMax)
        }
        self.path = path
        self.bytes = Array(content[..<count])
    }

    private static func error(_ number: Int32, _ path: String) -> TLSError {
        if number == ENOENT || number == ENOTDIR { return .fileMissing(path: path) }
        // Safety: strerror answers a zero-terminated text for every number.
        return .fileUnreadable(path: path, reason: unsafe String(cString: strerror(number)))
    }

    /// All certificates of the file, in its order; at least one.
    func certificates() throws(TLSError) -> [Certificate] {
        var found: [Certificate] = []
        // Safety: the BIO only reads `memory`, and is freed before this closure ends.
        unsafe bytes.withUnsafeBytes { memory in
            guard let bio = unsafe BIO_new_mem_buf(memory.baseAddress, Int32(memory.count)) else {
                return
            }
            while let handle = unsafe PEM_read_bio_X509(bio, nil, Self.noPassphrase, nil) {
                unsafe found.append(Certificate(owning: handle))
            }
            unsafe BIO_free(bio)
        }
        // The end of the file is an error to libcrypto, too: "no start line".
        let reason = COpenSSL_last_reason()
        ERR_clear_error()
        guard !found.isEmpty, reason == PEM_R_NO_START_LINE else {
            throw .noCertificate(path: path)
        }
        return found
    }

    /// The file's private key.
    func privateKey() throws(TLSError) -> PrivateKey {
        ERR_clear_error()
        // Safety: as in `certificates()`; the key returned does not refer to the file's bytes.
        let handle = unsafe bytes.withUnsafeBytes { memory -> OpaquePointer? in
            guard let bio = unsafe BIO_new_mem_buf(memory.baseAddress, Int32(memory.count)) else {
                return nil
            }
            defer { unsafe BIO_free(bio) }
            return unsafe PEM_read_bio_PrivateKey(bio, nil, Self.noPassphrase, nil)
        }
        ERR_clear_error()
        if let handle = unsafe handle { return unsafe PrivateKey(owning: handle) }
        throw isLocked ? .keyEncrypted(path: path) : .noKey(path: path)
    }

    /// Both PEM forms of a locked key say so in words.
    private var isLocked: Bool {
        String(decoding: bytes, as: UTF8.self).contains("ENCRYPTED")
    }

    /// Refuses instead of asking at the terminal, which would hold up the start of a service.
    private static let noPassphrase:
        @convention(c) (
            UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, _, _ in -1 }
}

/// Tells one state of a file from another, without reading it.
struct FileIdentity: Sendable, Hashable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let modified: [Int]

    /// `nil` if there is no such file.
    init?(path: String) {
        var status = stat()
        // Safety: `status` outlives the call, which only fills it.
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        // The time of the last change of status as well: a copy may keep the old time of
        // modification.
        modified = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}
