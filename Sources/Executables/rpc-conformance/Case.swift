import Foundation

/// One conversation with a server, and what has to come of it.
struct Case {
    /// What this side says first.
    enum Greeting {
        case none
        case hello([UInt8], window: Int)
    }

    let name: String
    /// The row of the protocol's fault table that the case is for.
    let row: String?
    /// Whether it takes longer than a few seconds.
    let isSlow: Bool
    let greeting: Greeting
    let applicationProtocol: String
    let steps: [Step]

    init(_ json: JSON) throws {
        var entry = try Entry(json)
        guard let name = try entry.text("name") else { throw CaseFault("a case without name") }
        self.name = name
        do {
            guard try entry.text("about") != nil else { throw CaseFault("about is missing") }
            row = try entry.text("row")
            isSlow = try entry.flag("slow")
            applicationProtocol = try entry.text("alpn") ?? "pass-rpc/1"
            greeting = try Self.greeting(entry.take("hello"))
            steps = try (entry.list("steps") ?? []).enumerated().map { index, json in
                do {
                    return try Step(json)
                } catch {
                    throw CaseFault("step \(index + 1): \(error)")
                }
            }
            try entry.finish()
        } catch {
            throw CaseFault("\(name): \(error)")
        }
    }

    /// HELLO unless a case wants none; the case may announce limits of its own.
    private static func greeting(_ json: JSON?) throws -> Greeting {
        if json == .bool(false) { return .none }
        var fields: [String: JSON] = [
            "magic": .number(0x5041_5353), "version": .number(1), "instance": .text("conformance"),
        ]
        var window = Bounds.windowDefault
        if case .object(let own)? = json {
            fields.merge(own) { $1 }
            if case .number(let bytes)? = own["stream_window_bytes"], bytes > 0 {
                window = Int(clamping: bytes)
            }
        }
        return .hello(try Shape.hello.encode(.object(fields)), window: window)
    }

    /// Reads the files below `folder`, in the order of their names.
    static func read(_ folder: String) throws -> [Case] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            .filter { $0.hasSuffix(".json") }.sorted()
        guard !names.isEmpty else { throw CaseFault("there are no cases in \(folder)") }
        let cases = try names.flatMap { name in
            do {
                let data = try Data(contentsOf: URL(filePath: folder).appending(path: name))
                var entry = try Entry(try JSONDecoder().decode(JSON.self, from: data))
                let cases = try (entry.list("cases") ?? []).map(Case.init)
                try entry.finish()
                return cases
            } catch {
                throw CaseFault("\(name): \(error)")
            }
        }
        guard Set(cases.map(\.name)).count == cases.count else {
            throw CaseFault("two cases in \(folder) have the same name")
        }
        return cases
    }
}

/// The bounds of the runner.
enum Bounds {
    /// Credit of a stream unless HELLO says other, in bytes.
    static let windowDefault = 256 * 1024
    /// How long an expected frame may take, in milliseconds, unless the step says other.
    static let answerMilliseconds = 5_000
    /// How long a connection and its handshake may take, in milliseconds.
    static let connectMilliseconds = 5_000
    /// Bytes of frames that came and that no step has asked for yet; a server that sends more breaks
    /// its credit long before.
    static let unreadBytes = 64 << 20
    /// Streams that a case opens at once, however many the server allows.
    static let streams = 4_096
}
