import Foundation

/// What the system knows of this process, in the names that Prometheus' own clients use.
///
/// Source: Linux' `/proc/self`; elsewhere, and where a file cannot be read, the lines are missing.
enum ProcessMetrics {
    static func text() -> String {
        var text = ""
        if let pages = residentPages() {
            text += "# TYPE process_resident_memory_bytes gauge\n"
            text += "process_resident_memory_bytes \(pages * Int(getpagesize()))\n"
        }
        if let seconds = processorSeconds() {
            text += "# TYPE process_cpu_seconds_total counter\n"
            text += "process_cpu_seconds_total \(PrometheusText.number(seconds))\n"
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            text += "# TYPE process_open_fds gauge\n"
            text += "process_open_fds \(open)\n"
        }
        return text
    }

    private static func residentPages() -> Int? {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else {
            return nil
        }
        let fields = line.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) : nil
    }

    private static func processorSeconds() -> Double? {
        var usage = timespec()
        guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &usage) == 0 else { return nil }
        return Double(usage.tv_sec) + (Double(usage.tv_nsec) / 1e9 * 1e3).rounded() / 1e3
    }
}
