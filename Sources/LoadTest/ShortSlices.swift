import CScheduler
public import NIOCore

/// Lets threads run as soon as they have something to do, though others are at work.
///
/// A thread that wakes waits for the one that runs until that has used up its slice of the
/// processor, a millisecond or three: on a machine that the generator shares with what it loads,
/// every hundredth call would start so much late. A thread with a shorter slice need not wait.
/// Nobody else gets less processor time by it.
///
/// Source: Linux 6.12, `sched_setattr(2)`; earlier kernels take no notice.
public enum ShortSlices {
    /// Asks for the shortest slices for the threads of `loops`.
    public static func request(for loops: [any EventLoop]) {
        for loop in loops {
            loop.execute {
                // Where it is refused, calls start later, which the figures tell.
                _ = CScheduler_set_slice(Limits.sliceNanoseconds)
            }
        }
    }
}
