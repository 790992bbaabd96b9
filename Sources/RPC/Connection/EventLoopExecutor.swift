public import NIOCore

/// Runs tasks on an event loop.
///
/// A server's connection runs its handlers with one, so that a handler that never waits for another
/// thread never leaves the thread that read its request. A caller's task that prefers one, of a
/// loop that its client has, never leaves the thread of its connection either.
///
/// Jobs that become ready on the loop itself are queued here, without a lock, and run at the end of
/// the read batch or in the same turn of the loop.
///
/// Safety: what changes is touched on the event loop only; jobs from elsewhere go
/// through `EventLoop.execute`.
public final class EventLoopExecutor: TaskExecutor, @unchecked Sendable {
    private let eventLoop: any EventLoop
    private var jobs = CircularBuffer<UnownedJob>()
    private var isScheduled = false
    /// Whether the next job is wanted at once, and the job.
    private var isWaitingForJob = false
    private var wanted: UnownedJob?

    /// Runs tasks on `eventLoop`.
    public init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Takes a job from any thread.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard eventLoop.inEventLoop else {
            eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
            return
        }
        if isWaitingForJob {
            isWaitingForJob = false
            wanted = job
            return
        }
        jobs.append(job)
        schedule()
    }

    /// Runs the task that `resume` resumes, at once and not with the others that are ready.
    func runAtOnce(_ resume: () -> Void) {
        eventLoop.assertInEventLoop()
        isWaitingForJob = true
        resume()
        isWaitingForJob = false
        guard let job = wanted else { return }
        wanted = nil
        job.runSynchronously(on: asUnownedTaskExecutor())
    }

    /// Runs the jobs that are ready.
    ///
    /// Only so many as there are at the start: tasks that keep waking each other must not keep the
    /// loop from its sockets.
    func drain() {
        eventLoop.assertInEventLoop()
        for _ in 0..<jobs.count {
            jobs.removeFirst().runSynchronously(on: asUnownedTaskExecutor())
        }
        if !jobs.isEmpty { schedule() }
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.execute {
            self.isScheduled = false
            self.drain()
        }
    }
}
