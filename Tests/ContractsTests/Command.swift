import Foundation

/// A program run by a test, from start to end.
struct Command {
    /// What it wrote on standard output and standard error.
    var output: String
    var status: Int32

    /// Runs the program `name` found on the PATH, or at that path.
    static func run(
        _ name: String,
        _ arguments: [String],
        in directory: URL? = nil
    ) throws -> Command {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.currentDirectoryURL = directory
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Command(
            output: String(decoding: data, as: UTF8.self),
            status: process.terminationStatus
        )
    }

    /// Whether the program runs and succeeds.
    static func succeeds(_ name: String, _ arguments: [String]) -> Bool {
        (try? run(name, arguments))?.status == 0
    }

    /// Runs `body` with a fresh directory, which is gone afterwards.
    static func withDirectory<Outcome>(_ body: (URL) throws -> Outcome) throws -> Outcome {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("contracts-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try body(directory)
    }
}
