import Synchronization

/// The current context of a set of files that may be replaced while the process runs.
///
/// Connections already open keep the context they began with.
public final class TLSSource: Sendable {
    /// What a look at the files brought.
    public enum Reload: Sendable, Hashable {
        /// The files are those in use, or bad ones that were reported before.
        case unchanged
        /// The files have changed; new connections use them.
        case reloaded
        /// The files have changed but cannot be used; new connections use the old ones. Reported
        /// once.
        case refused(TLSError)
    }

    private struct State {
        var context: TLSContext
        /// The files as they were last looked at, good or bad.
        var identities: [FileIdentity?]
    }

    /// Which files, and how they are used.
    public let settings: TLSSettings
    private let state: Mutex<State>

    /// Reads and checks the files of `settings`.
    ///
    /// Blocks for as long as the disk does.
    ///
    /// - Throws: The first fault found, with what to do.
    public init(_ settings: TLSSettings) throws(TLSError) {
        self.settings = settings
        let identities = Self.identities(settings)
        state = Mutex(State(context: try TLSContext(settings), identities: identities))
    }

    /// The context for the next connection.
    ///
    /// Cheap, from any thread.
    public func current() -> TLSContext {
        state.withLock { $0.context }
    }

    /// Takes up the files if they have changed since the last look, and are good.
    ///
    /// Call it from time to time, off the event loops: it waits for the disk.
    public func reloadIfChanged() -> Reload {
        // Looked at before reading: files that change meanwhile are found changed the next time.
        let identities = Self.identities(settings)
        let isChanged = state.withLock { state in
            defer { state.identities = identities }
            return state.identities != identities
        }
        guard isChanged else { return .unchanged }
        do throws(TLSError) {
            let context = try TLSContext(settings)
            state.withLock { $0.context = context }
            return .reloaded
        } catch {
            return .refused(error)
        }
    }

    private static func identities(_ settings: TLSSettings) -> [FileIdentity?] {
        [settings.certificatePath, settings.keyPath, settings.authorityPath]
            .map { path in path.flatMap { FileIdentity(path: $0) } }
    }
}
