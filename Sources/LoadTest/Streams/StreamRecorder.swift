import Histogram
import RPC
import Synchronization

/// Where endless streams leave what they brought.
final class StreamRecorder: Sendable {
    /// One stream, over all its connections.
    private struct Stream {
        var position = ""
        var isOpen = false
        var wasOpen = false
        /// Whether it was open or could not be opened.
        var wasTried = false
        /// The last change of each service.
        var last: [String: UInt64] = [:]
    }

    /// A change, for those who should all get it.
    private struct Shared: Hashable {
        let audience: String
        let change: StreamItem.Change
    }

    private struct State {
        var streams: [Stream]
        var figures = StreamFigures()
        var delay = Recording.Latencies(numberOfSignificantValueDigits: .three)
        var endings: [RPCError.Code: (count: UInt64, example: String)] = [:]
        /// How many streams got each change.
        var copies: [Shared: Int] = [:]
        var triedCount = 0
        var isOver = false

        mutating func tried(_ number: Int) {
            guard !streams[number].wasTried else { return }
            streams[number].wasTried = true
            triedCount += 1
        }
    }

    private let audiences: [String]
    private let nowMs: @Sendable () -> Int64
    private let state: Mutex<State>

    /// - Parameters:
    ///   - audiences: Who each stream is for; those of one audience should bring the same.
    ///   - nowMs: The wall clock.
    init(audiences: [String], nowMs: @escaping @Sendable () -> Int64) {
        self.audiences = audiences
        self.nowMs = nowMs
        let streams = audiences.map { _ in Stream() }
        state = Mutex(State(streams: streams))
    }

    /// Where a stream is to go on.
    func position(of number: Int) -> String { state.withLock { $0.streams[number].position } }

    /// How many streams were open or could not be opened.
    var triedCount: Int { state.withLock { $0.triedCount } }

    /// How many streams are open.
    var openCount: Int { state.withLock { $0.streams.count { $0.isOpen } } }

    /// A stream brought something.
    func take(_ item: StreamItem, on number: Int) {
        let now = nowMs()
        state.withLock { state in
            guard !state.isOver else { return }
            state.tried(number)
            if !state.streams[number].isOpen {
                state.streams[number].isOpen = true
                if state.streams[number].wasOpen { state.figures.reconnects += 1 }
                state.streams[number].wasOpen = true
            }
            state.streams[number].position = item.position
            for change in item.changes {
                note(change, on: number, now, &state)
            }
        }
    }

    private func note(
        _ change: StreamItem.Change,
        on number: Int,
        _ now: Int64,
        _ state: inout State
    ) {
        state.figures.events += 1
        state.delay.record(UInt64(max(0, now - change.timeMs)) * 1_000)
        guard change.sequence > state.streams[number].last[change.source] ?? 0 else {
            state.figures.doubled += 1
            return
        }
        state.streams[number].last[change.source] = change.sequence
        let shared = Shared(audience: audiences[number], change: change)
        if let copies = state.copies[shared] {
            state.copies[shared] = copies + 1
        } else if state.copies.count < Limits.changesComparedMax {
            state.copies[shared] = 1
        } else {
            state.figures.isPartlyCompared = true
        }
    }

    /// A stream ended, or could not be opened.
    func ended(_ number: Int, _ error: RPCError?) {
        state.withLock { state in
            guard !state.isOver else { return }
            state.tried(number)
            state.streams[number].isOpen = false
            let error = error ?? RPCError(.unknown, "The stream ended without an error.")
            let example = String(error.message.prefix(Limits.exampleCharacters))
            state.endings[error.code, default: (0, example)].count += 1
        }
    }

    /// Nothing counts any more.
    ///
    /// - Parameters:
    ///   - since: Changes before this, in wall clock milliseconds, may have come before a stream was
    ///     open.
    ///   - until: Changes behind this may still be on their way.
    /// - Returns: the figures.
    func finish(since: Int64, until: Int64) -> StreamFigures {
        state.withLock { state in
            state.isOver = true
            var figures = state.figures
            figures.streams = state.streams.count
            figures.opened = state.streams.count { $0.wasOpen }
            figures.openAtEnd = state.streams.count { $0.isOpen }
            figures.delay = Summary.Latency(state.delay)
            figures.endings = state.endings.map { code, ending in
                Summary.ErrorCount(code: code.name, count: ending.count, example: ending.example)
            }.sorted { ($1.count, $0.code) < ($0.count, $1.code) }
            let sizes = Dictionary(audiences.map { ($0, 1) }, uniquingKeysWith: +)
            for (shared, copies) in state.copies
            where shared.change.timeMs >= since && shared.change.timeMs < until {
                figures.lost += UInt64(max(0, (sizes[shared.audience] ?? 0) - copies))
            }
            return figures
        }
    }
}
