import RPC

/// Holds many endless streams open, opens again what ends, and notes what they bring.
public struct StreamRun: Sendable {
    private let recorder: StreamRecorder
    private let count: Int
    private let duration: Duration
    private let open: StreamOpening
    private let nowMs: @Sendable () -> Int64

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - audiences: For each stream who it is for; streams of one audience should bring the same,
    ///     and what one brings and another does not is lost.
    ///   - duration: How long they are held once all were tried.
    ///   - nowMs: The wall clock, in milliseconds since 1970 UTC.
    ///   - open: Opens one of them.
    public init(
        audiences: [String],
        duration: Duration,
        nowMs: @escaping @Sendable () -> Int64,
        open: @escaping StreamOpening
    ) {
        recorder = StreamRecorder(audiences: audiences, nowMs: nowMs)
        count = audiences.count
        self.duration = duration
        self.nowMs = nowMs
        self.open = open
    }

    /// Holds the streams until the time is over or the task is cancelled.
    ///
    /// - Returns: the figures.
    public func run() async -> StreamFigures {
        await withTaskGroup(of: Void.self, returning: StreamFigures.self) { group in
            let patience = ContinuousClock.now + Limits.openingTime + Limits.openingTimeEach * count
            for number in 0..<count {
                // A few at a time: a crowd of handshakes is not what is to be measured.
                await waitUntilTried(number - Limits.openingMax + 1, patience)
                group.addTask { await hold(number) }
            }
            await waitUntilTried(count, patience)
            let since = nowMs() + Limits.clockDifferenceMs
            let begin = ContinuousClock.now
            try? await Task.sleep(for: duration)
            let until = nowMs() - Limits.eventsOnTheirWayMs
            var figures = recorder.finish(since: since, until: until)
            figures.seconds = (ContinuousClock.now - begin).inSeconds
            group.cancelAll()
            return figures
        }
    }

    /// How many streams are open.
    public var openCount: Int { recorder.openCount }

    /// Waits until so many streams were open or could not be opened, but not for ever.
    private func waitUntilTried(_ number: Int, _ patience: ContinuousClock.Instant) async {
        while recorder.triedCount < number, ContinuousClock.now < patience, !Task.isCancelled {
            try? await Task.sleep(for: Limits.openingLook)
        }
    }

    private func hold(_ number: Int) async {
        while !Task.isCancelled {
            var failure: RPCError?
            do {
                try await open(number, recorder.position(of: number)) { item in
                    recorder.take(item, on: number)
                }
            } catch {
                failure = error as? RPCError ?? RPCError(.unknown, "\(error)")
            }
            if Task.isCancelled { return }
            recorder.ended(number, failure)
            try? await Task.sleep(for: Limits.reopenWait)
        }
    }
}
