import ClientKit
import Foundation

/// A file sent in pieces, with a live line on a terminal.
struct Pieces {
    /// What one message of an import may carry.
    static let pieceBytes = 256 * 1_024

    private let name: String
    private let handle: FileHandle
    private let total: Int?

    /// Opens a file, or standard input for `-`.
    init(_ name: String) throws {
        self.name = name
        if name == "-" {
            handle = .standardInput
            total = nil
            return
        }
        guard let handle = FileHandle(forReadingAtPath: name) else {
            throw Failure.Message("There is no readable file \(name).")
        }
        self.handle = handle
        let size = try? FileManager.default.attributesOfItem(atPath: name)[.size]
        total = (size as? NSNumber)?.intValue
    }

    /// Hands each piece to `send`, which waits while the service is busy.
    ///
    /// An empty file is one empty piece.
    func send(_ send: ([UInt8]) async throws -> Void) async throws {
        var progress = Progress(name: name, total: total)
        defer { progress.end() }
        var sent = 0
        repeat {
            let piece = try handle.read(upToCount: Self.pieceBytes) ?? Data()
            if piece.isEmpty, sent > 0 { break }
            try await send([UInt8](piece))
            sent += piece.count
            progress.show(sent)
            if piece.isEmpty { break }
        } while true
    }

    /// Hands each piece of a population's file to `send`, as `send(_:)` does those of a file.
    static func send(
        _ population: Population,
        _ send: ([UInt8]) async throws -> Void
    ) async throws {
        // About what a line takes; only the share on the terminal depends on it.
        let lineBytes = 180
        var progress = Progress(name: "people", total: population.youngPeople * lineBytes)
        defer { progress.end() }
        var file = PopulationFile(population, pieceBytes: pieceBytes)
        while let piece = file.next() {
            try await send(piece)
            progress.show(file.youngPeopleWritten * lineBytes)
        }
    }

    /// The line on the terminal; silent elsewhere.
    private struct Progress {
        let name: String
        let total: Int?
        let isTerminal = isatty(2) == 1
        var last = ContinuousClock.now - .seconds(1)

        mutating func show(_ sent: Int) {
            // Ten times a second is as much as anyone reads.
            guard isTerminal, ContinuousClock.now - last > .milliseconds(100) else { return }
            last = .now
            let done = Double(sent) / 1_048_576
            var text = "\r\(name): \((done * 10).rounded() / 10) MiB"
            if let total, total > 0 { text += " (\(sent * 100 / total) %)" }
            FileHandle.standardError.write(Data((text + "\u{1B}[K").utf8))
        }

        func end() {
            if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
        }
    }
}
