public import NIOCore

/// Time as an event loop keeps it: its timers wake within a fraction of a millisecond, on the thread
/// that then calls.
public struct LoopClock: Clock {
    private let eventLoop: any EventLoop

    /// The clock of a loop.
    public init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// A point in time of this machine since it started.
    public struct Instant: InstantProtocol {
        let nanoseconds: Int64

        /// So much later.
        public func advanced(by duration: Duration) -> Instant {
            Instant(nanoseconds: nanoseconds + duration.nanoseconds)
        }

        /// The time until `other`.
        public func duration(to other: Instant) -> Duration {
            .nanoseconds(other.nanoseconds - nanoseconds)
        }

        /// Whether `left` comes first.
        public static func < (left: Instant, right: Instant) -> Bool {
            left.nanoseconds < right.nanoseconds
        }
    }

    /// The present.
    public var now: Instant {
        Instant(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
    }

    /// What the loop's timers can tell apart.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Waits for an instant.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let deadline = NIODeadline.uptimeNanoseconds(UInt64(max(0, deadline.nanoseconds)))
        let timer = eventLoop.scheduleTask(deadline: deadline) {}
        try await withTaskCancellationHandler {
            do {
                try await timer.futureResult.get()
            } catch {
                throw CancellationError()
            }
        } onCancel: {
            timer.cancel()
        }
    }
}
