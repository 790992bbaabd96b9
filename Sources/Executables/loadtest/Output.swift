import ArgumentParser
import ClientKit
import Foundation

/// Files and exit codes.
enum Output {
    /// Something was not as it was asked to be.
    static let failed = ExitCode(99)

    /// Writes a file.
    static func write(_ text: String, to path: String) throws {
        do {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        } catch {
            throw CommandFailure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Reads a file of at most `bytesMax`.
    static func read(_ path: String, bytesMax: Int) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure("There is no readable file \(path).", code: 2)
        }
        guard data.count <= bytesMax else {
            throw CommandFailure("\(path) is larger than \(bytesMax) bytes.", code: 2)
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw CommandFailure("\(path) is not UTF-8.", code: 2)
        }
        return text
    }
}
