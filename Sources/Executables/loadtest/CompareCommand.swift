import ArgumentParser
import ClientKit
import LoadTest

/// The command `loadtest compare`.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Shows two runs side by side.",
        discussion: "Changes below 5 % are called neither better nor worse."
    )

    @Argument(help: "A file that --json wrote.")
    var before: String

    @Argument(help: "Another one.")
    var after: String

    func run() throws {
        let comparison = Comparison(before: try read(before), after: try read(after))
        print(comparison.text, terminator: "")
    }

    private func read(_ path: String) throws -> Summary {
        let text = try Output.read(path, bytesMax: 64 << 20)
        do {
            return try Summary(json: text)
        } catch {
            throw CommandFailure("\(path) \(error).", code: 2)
        }
    }
}
