import Dispatch
import Foundation
import Synchronization

/// Ctrl-C: the first ends the run and shows what there is, the second ends the process.
final class Interrupt: Sendable {
    private struct State {
        var isSet = false
        var action: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    // Safety: used only to keep the source alive; it is never changed.
    private nonisolated(unsafe) let source: any DispatchSourceSignal

    init() {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [weak self] in self?.set() }
        source.resume()
    }

    /// Whether the run is to end.
    var isSet: Bool { state.withLock { $0.isSet } }

    /// Says what the next Ctrl-C does; one that came before does it at once.
    func onSet(_ action: @escaping @Sendable () -> Void) {
        let isSet = state.withLock { state in
            state.action = action
            return state.isSet
        }
        if isSet { action() }
    }

    private func set() {
        let action = state.withLock { state in
            if state.isSet { exit(130) }
            state.isSet = true
            return state.action
        }
        action?()
    }
}
