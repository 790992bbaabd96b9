import Synchronization

/// Where the calls of one event loop leave their figures.
///
/// One for each loop, so that noting never waits for another thread's.
final class Recorder: Sendable {
    private let recording: Mutex<Recording>

    init(_ recording: Recording) {
        self.recording = Mutex(recording)
    }

    func note(_ sample: Sample) {
        recording.withLock { $0.note(sample) }
    }

    func noteSkipped(planned: Duration) {
        recording.withLock { $0.noteSkipped(planned: planned) }
    }

    /// The figures so far.
    var sofar: Recording { recording.withLock { $0 } }
}
