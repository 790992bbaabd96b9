import Foundation
import Synchronization

/// Writes log lines to standard error from a thread of its own, so that a slow reader of the logs
/// never holds up an event loop.
///
/// At most `linesMax` lines wait; further ones are dropped and their number is told as soon as
/// there is room again.
final class LogQueue: Sendable {
    /// About a second of a very talkative service; some 2 MiB at the usual line length.
    static let linesMax = 8_192

    private struct State {
        var lines: [String] = []
        var dropped = 0
        var isWriting = false
    }

    private let state = Mutex(State())
    private let condition = DispatchSemaphore(value: 0)
    private let descriptor: Int32

    /// A queue that writes to `descriptor`; by default standard error.
    init(descriptor: Int32 = 2) {
        self.descriptor = descriptor
        let thread = Thread { [self] in
            while true {
                condition.wait()
                writeWaiting()
            }
        }
        thread.name = "log"
        thread.start()
    }

    /// Queues a line, without its line break.
    func add(_ line: String) {
        state.withLock { state in
            guard state.lines.count < Self.linesMax else {
                state.dropped += 1
                return
            }
            state.lines.append(line)
        }
        condition.signal()
    }

    /// Waits until what was queued so far is written, at most `seconds`.
    func flush(seconds: Double = 1) {
        let end = DispatchTime.now() + seconds
        while DispatchTime.now() < end {
            let isDone = state.withLock { $0.lines.isEmpty && !$0.isWriting }
            if isDone { return }
            condition.signal()
            Thread.sleep(forTimeInterval: 0.002)
        }
    }

    private func writeWaiting() {
        let (lines, dropped) = state.withLock { state in
            defer {
                state.lines = []
                state.dropped = 0
                state.isWriting = true
            }
            return (state.lines, state.dropped)
        }
        defer { state.withLock { $0.isWriting = false } }
        guard !lines.isEmpty || dropped > 0 else { return }
        var text = lines.joined(separator: "\n")
        if dropped > 0 {
            text += "\n{\"level\":\"warning\",\"message\":\"\(dropped) log lines dropped\"}"
        }
        text += "\n"
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            // A closed or full standard error must not end the service: the lines are lost.
            guard written > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, written))
        }
    }
}
