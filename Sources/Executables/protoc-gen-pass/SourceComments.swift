import CDescriptor
import CProtobufC

/// The comments and line numbers of a file, by the path of what they belong to.
struct CommentTable {
    private var entries: [[Int32]: (line: Int, comment: [String])] = [:]

    init(_ info: UnsafeMutablePointer<Google__Protobuf__SourceCodeInfo>?) {
        guard let info = info?.pointee else { return }
        for location in values(info.n_location, info.location) {
            let path = Array(UnsafeBufferPointer(start: location.path, count: location.n_path))
            let line = location.span.map { Int($0.pointee) + 1 } ?? 0
            let leading = Self.lines(text(location.leading_comments))
            let comment = leading.isEmpty ? Self.lines(text(location.trailing_comments)) : leading
            entries[path] = (line, comment)
        }
    }

    /// The line it begins at, counted from 1; 0 if unknown.
    func line(_ path: [Int32]) -> Int { entries[path]?.line ?? 0 }

    /// The comment above it, or else behind it.
    func comment(_ path: [Int32]) -> [String] { entries[path]?.comment ?? [] }

    private static func lines(_ comment: String) -> [String] {
        var lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            String(line.hasPrefix(" ") ? line.dropFirst() : line)
        }
        while lines.last?.isEmpty ?? false { lines.removeLast() }
        return lines
    }
}

/// Serialises a file descriptor for embedding: comments stay, positions without one go.
///
/// Changes the descriptor in place. protobuf's own file loses all its comments: they are ten times
/// the size of the rest, and nobody calls its methods.
func embeddedBytes(_ file: UnsafeMutablePointer<CFile>) -> [UInt8] {
    if text(file.pointee.name).hasPrefix("google/protobuf/") {
        file.pointee.source_code_info = nil
    } else if let info = file.pointee.source_code_info {
        let locations = UnsafeMutableBufferPointer(
            start: info.pointee.location,
            count: info.pointee.n_location
        )
        var kept = 0
        for location in locations {
            guard let location else { continue }
            location.pointee.n_leading_detached_comments = 0
            let isCommented =
                location.pointee.leading_comments != nil
                || location.pointee.trailing_comments != nil
            guard isCommented else { continue }
            locations[kept] = location
            kept += 1
        }
        info.pointee.n_location = kept
    }
    let count = google__protobuf__file_descriptor_proto__get_packed_size(file)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = google__protobuf__file_descriptor_proto__pack(file, buffer.baseAddress)
    }
}
