import Foundation

/// What a run takes of the machine that generates the load.
public struct OwnCost: Sendable, Equatable {
    /// Processor time of this process as a share of one processor's.
    public var ownCPU: Double
    /// The share of all processors' time that anything took; `nil` if the system does not tell.
    public var machineBusy: Double?

    /// Says what a run took.
    public init(ownCPU: Double, machineBusy: Double?) {
        self.ownCPU = ownCPU
        self.machineBusy = machineBusy
    }

    /// The counters of process and machine at one moment.
    public struct Reading: Sendable {
        private let ownSeconds: Double
        private let wall: ContinuousClock.Instant
        private let busy: UInt64?
        private let all: UInt64?

        /// Reads them.
        public init() {
            var usage = rusage()
            getrusage(RUSAGE_SELF.rawValue, &usage)
            func seconds(_ time: timeval) -> Double {
                Double(time.tv_sec) + Double(time.tv_usec) / 1e6
            }
            ownSeconds = seconds(usage.ru_utime) + seconds(usage.ru_stime)
            wall = ContinuousClock.now
            let ticks = Self.machineTicks()
            // Source: proc_stat(5): user, nice, system, idle, iowait, …
            all = ticks?.reduce(0, +)
            busy = ticks.map { $0.reduce(0, +) - $0[3] - $0[4] }
        }

        /// What was taken since an earlier reading.
        public func cost(since earlier: Reading) -> OwnCost {
            let elapsed = (wall - earlier.wall).inSeconds
            var machine: Double?
            if let busy, let all, let earlierBusy = earlier.busy, let earlierAll = earlier.all,
                all > earlierAll
            {
                machine = Double(busy) - Double(earlierBusy)
                machine = machine.map { max(0, $0 / (Double(all) - Double(earlierAll))) }
            }
            let own = elapsed > 0 ? (ownSeconds - earlier.ownSeconds) / elapsed : 0
            return OwnCost(ownCPU: own, machineBusy: machine)
        }

        /// The first eight counters of the line of all processors.
        private static func machineTicks() -> [UInt64]? {
            guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
                let line = text.split(separator: "\n").first, line.hasPrefix("cpu ")
            else { return nil }
            let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
            return ticks.count == 8 ? ticks : nil
        }
    }

    /// The machine in a few words: processors, kernel, memory.
    public static func machine() -> String {
        let process = ProcessInfo.processInfo
        let memory = Double(process.physicalMemory) / 1_073_741_824
        let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        var parts = ["\(process.activeProcessorCount) × \(cpu ?? "processor")"]
        if let kernel = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8) {
            parts.append("Linux \(kernel.trimmingCharacters(in: .whitespacesAndNewlines))")
        }
        parts.append("\(NumberText.decimals(memory, 1)) GiB")
        return parts.joined(separator: ", ")
    }
}
