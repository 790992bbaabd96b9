import Foundation

/// What a process has used so far.
struct Usage {
    /// Time on processors, user and system, in seconds.
    var cpuSeconds = 0.0
    /// Calls of `malloc` and its kin; `nil` unless the process runs under `malloc-count.so`.
    var allocations: UInt64?

    /// Reads what process `id` has used; `nil` if there is no such process.
    ///
    /// Linux counts time in `/proc` in hundredths of a second, which a run of seconds can bear.
    init?(ofProcess id: Int32) {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            // The name, the second field, may hold anything; the numbers follow its last bracket.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13])
        else { return nil }
        cpuSeconds = (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        allocations = Self.allocations(ofProcess: id)
    }

    /// The count that `malloc-count.so` keeps: eight bytes in a file named by the process.
    private static func allocations(ofProcess id: Int32) -> UInt64? {
        guard let directory = ProcessInfo.processInfo.environment["MALLOC_COUNT_DIR"],
            let data = FileManager.default.contents(atPath: "\(directory)/\(id)"), data.count >= 8
        else { return nil }
        return data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }

    /// What was used since `start`.
    func since(_ start: Usage) -> Usage {
        var difference = self
        difference.cpuSeconds -= start.cpuSeconds
        if let now = allocations, let then = start.allocations {
            difference.allocations = now &- then
        }
        return difference
    }
}

/// The memory that process `id` holds, in bytes; `nil` if there is no such process.
func residentBytes(ofProcess id: Int32) -> Int? {
    guard let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
        let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
    else { return nil }
    return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
}

/// Writes one line at once, whatever standard output is.
func writeLine(_ text: String) {
    FileHandle.standardOutput.write(Data((text + "\n").utf8))
}
