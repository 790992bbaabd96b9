import Foundation

/// Standard error: what is said on the way, so that standard output holds the result alone.
enum Terminal {
    /// Whether someone watches.
    static let isWatched = isatty(2) == 1

    /// One line.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data((text + "\n").utf8))
    }

    /// A line in the place of the last one; silent if nobody watches.
    static func show(_ text: String) {
        guard isWatched else { return }
        FileHandle.standardError.write(Data("\r\(text)\u{1B}[K".utf8))
    }
}
