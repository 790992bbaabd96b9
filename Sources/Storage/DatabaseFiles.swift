import Glibc

/// The files of one database: where they are, and what SQLite would not notice about them.
struct DatabaseFiles {
    let directory: String
    let name: String

    var path: String { directory + "/" + name + ".sqlite" }
    var lockPath: String { directory + "/" + name + ".lock" }
    private var logPath: String { path + "-wal" }

    /// Makes the directory and those above it that are missing, for this user alone.
    func makeDirectory() throws(StorageError) {
        let names = directory.split(separator: "/", omittingEmptySubsequences: true)
        var parent = directory.hasPrefix("/") ? "/" : "."
        for name in names {
            let child = parent + "/" + name
            if mkdir(child, 0o700) == 0 {
                // The new name must outlive a power cut, like all that will be in it.
                try sync(parent)
            } else if errno != EEXIST {
                throw StorageError(systemError: errno, path: directory)
            }
            parent = child
        }
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw StorageError(systemError: errno, path: directory)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw StorageError(systemError: ENOTDIR, path: directory)
        }
    }

    /// Makes the file if it is missing, readable by this user alone, and refuses what SQLite would
    /// pass over in silence: it begins anew in an empty file, throws away a log whose database is
    /// gone, and opens what it may not write for reading only.
    ///
    /// - Parameter wasInUse: whether the file has been a database before.
    /// - Throws: `StorageError.damaged`, `StorageError.readOnly`, or what the system says.
    func prepare(wasInUse: Bool) throws(StorageError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let cause = errno
            guard cause != EACCES, cause != EPERM else { throw .readOnly(path: path) }
            guard cause != EISDIR else {
                throw .damaged(path: path, detail: "it is a directory")
            }
            throw StorageError(systemError: cause, path: path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StorageError(systemError: errno, path: path)
        }
        guard status.st_size == 0 else { return }
        var log = stat()
        if wasInUse || stat(logPath, &log) == 0 && log.st_size > 0 {
            let detail =
                "it is gone or empty; to begin anew, remove \(name).lock and \(name).sqlite-wal too"
            throw .damaged(path: path, detail: detail)
        }
    }

    /// Makes the names in the directory outlive a power cut.
    func sync() throws(StorageError) {
        try sync(directory)
    }

    private func sync(_ directory: String) throws(StorageError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            // A directory may be entered and written without being readable; then there is no way.
            if errno == EACCES { return }
            throw StorageError(systemError: errno, path: directory)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StorageError(systemError: errno, path: directory)
        }
    }
}
