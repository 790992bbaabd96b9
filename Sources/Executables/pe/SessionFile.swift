import ClientKit
import Foundation
import RPC

/// The session that `pe sign-in` keeps for later calls.
struct SessionFile {
    let path: String

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        if let path = environment["PASS_SESSION"] {
            self.path = path
        } else {
            let home = environment["HOME"] ?? "."
            path = "\(home)/.config/pass-emploi/session"
        }
    }

    /// The kept token; `nil` if nobody is signed in.
    func token() -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        let token = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return token.isEmpty ? nil : token
    }

    /// Keeps a token where only its owner can read it.
    func keep(_ token: String) throws {
        let directory = (path as NSString).deletingLastPathComponent
        let files = FileManager.default
        do {
            if !directory.isEmpty {
                try files.createDirectory(
                    atPath: directory,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            }
            // Created empty with its mode first: the token never stands in a readable file.
            let temporary = "\(path).new"
            try? files.removeItem(atPath: temporary)
            guard
                files.createFile(
                    atPath: temporary,
                    contents: nil,
                    attributes: [.posixPermissions: 0o600]
                ), let handle = FileHandle(forWritingAtPath: temporary)
            else { throw CocoaError(.fileWriteNoPermission) }
            try handle.write(contentsOf: Data((token + "\n").utf8))
            try handle.close()
            guard rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            throw Failure.Message(
                "The session cannot be kept in \(path): \(error.localizedDescription)"
            )
        }
    }

    /// Forgets the session; nothing to forget is fine.
    func forget() {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The metadata that sends `token` along.
    static func authorization(_ token: String) -> Metadata {
        ["authorization": "Bearer \(token)"]
    }
}
