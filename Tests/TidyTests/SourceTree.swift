import Foundation

/// The hand-written Swift files of the repository.
struct SourceTree {
    struct File {
        /// The path from the repository's top, for messages.
        let path: String
        let lines: [Substring]
    }

    /// A place in a file.
    struct Place: CustomStringConvertible {
        let path: String
        let line: Int
        let text: Substring
        var description: String { "\(path):\(line): \(text)" }
    }

    let files: [File]

    /// Reads the files below `folders`, generated ones aside.
    init(_ folders: [String]) throws {
        let top = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        var files: [File] = []
        for folder in folders {
            let root = top.appending(path: folder)
            let names = FileManager.default.enumerator(atPath: root.path)
            while let name = names?.nextObject() as? String {
                guard name.hasSuffix(".swift"), !name.contains("Generated/") else { continue }
                let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                files.append(File(path: "\(folder)/\(name)", lines: lines))
            }
        }
        self.files = files.sorted { $0.path < $1.path }
    }

    /// Every line that matches `pattern`, comments aside, in files whose path passes `isWanted`.
    func places(
        matching pattern: Regex<Substring>,
        where isWanted: (String) -> Bool = { _ in true }
    ) -> [Place] {
        files.filter { isWanted($0.path) }.flatMap { file in
            file.lines.enumerated().compactMap { index, line in
                let code = line.split(separator: "//", maxSplits: 1).first ?? line
                guard !line.trimmingPrefix(while: \.isWhitespace).hasPrefix("//"),
                    code.contains(pattern)
                else { return nil }
                return Place(path: file.path, line: index + 1, text: line)
            }
        }
    }
}
