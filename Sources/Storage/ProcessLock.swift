import Glibc

/// The right of one process to a database: a lock on a file beside it, gone with the process.
///
/// SQLite's own locks would let a second process in; it would then write between our commits and
/// number the feed's entries at the same time.
final class ProcessLock: Sendable {
    /// Whether a database was opened beside this file before.
    let wasInUse: Bool
    private let descriptor: Int32

    private static let mark: Substring = "has been in use"

    /// Takes the lock at `path`; the file then names this process, for people to read.
    init(path: String, database: String) throws(StorageError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError(systemError: errno, path: path) }
        let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        let cause = errno
        let lines = Self.lines(descriptor)
        guard isTaken else {
            close(descriptor)
            guard cause == EWOULDBLOCK else { throw StorageError(systemError: cause, path: path) }
            throw .inUse(path: database, processID: lines.first.flatMap { Int32($0) })
        }
        self.descriptor = descriptor
        wasInUse = lines.contains(Self.mark)
        write(isInUse: wasInUse)
    }

    /// Remembers that there is a database beside this file, which may not vanish.
    func markInUse() {
        write(isInUse: true)
    }

    deinit {
        close(descriptor)
    }

    /// Lets another process have the database, once it is closed here.
    func release() {
        _ = flock(descriptor, LOCK_UN)
    }

    /// A failure is let pass: who is named matters to messages only, and a full disk is reported by
    /// the database itself.
    private func write(isInUse: Bool) {
        let text = Array("\(getpid())\n\(isInUse ? "\(Self.mark)\n" : "")".utf8)
        _ = pwrite(descriptor, text, text.count, 0)
        _ = ftruncate(descriptor, off_t(text.count))
    }

    private static func lines(_ descriptor: Int32) -> [Substring] {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    }
}

extension StorageError {
    /// What a failed system call on a file means to us.
    init(systemError code: Int32, path: String) {
        switch code {
        case ENOSPC, EDQUOT: self = .diskFull(path: path)
        case EROFS: self = .readOnly(path: path)
        case EIO: self = .inputOutput(path: path, detail: String(cString: strerror(code)))
        default:
            self = .directoryUnusable(path: path, reason: String(cString: strerror(code)))
        }
    }
}
