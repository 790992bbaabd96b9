import NIOCore
import Synchronization

/// Something that holds bytes of a client, and can be ended to be rid of them.
struct BufferHolder: Sendable {
    enum Part: Equatable {
        /// Messages that the handler of the stream in this slot has not taken.
        case stream(Int)
        /// A frame of which not all bytes have come.
        case frame
        /// Answers that the client does not read.
        case unsent
    }

    let connection: ServerConnection
    let part: Part
    let bytes: Int
}

/// What a server holds of its clients' bytes: received and not taken by a handler, or written and
/// not sent.
///
/// Connections count on their own event loop (`ServerLoop`), and the loops report in lumps. While
/// the sum is above the limit, what holds most on any loop is ended, one holder after the other.
final class BufferBudget: Sendable {
    /// The limit, in bytes.
    let bytesMax: Int
    /// How many bytes a loop keeps to itself before it reports them.
    let step: Int
    private let connections: ConnectionRegistry
    private let total = Atomic<Int>(0)
    /// Whether the greediest is being looked for.
    private let isSearching = Atomic<Bool>(false)

    init(bytesMax: Int, connections: ConnectionRegistry) {
        self.bytesMax = bytesMax
        step = min(Limits.heldBytesStep, bytesMax / 64)
        self.connections = connections
    }

    /// What is held, but for what the loops have not reported.
    var bytes: Int { total.load(ordering: .relaxed) }

    /// A loop holds so many bytes more, or less.
    func add(_ bytes: Int) {
        let sum = total.wrappingAdd(bytes, ordering: .relaxed).newValue
        guard bytes > 0, sum > bytesMax else { return }
        if !isSearching.exchange(true, ordering: .relaxed) { search() }
    }

    /// The greediest holder that the loops have found so far.
    private final class Search: Sendable {
        private struct State {
            var loopsLeft: Int
            var greediest: BufferHolder?
        }

        private let state: Mutex<State>

        init(loops: Int) {
            state = Mutex(State(loopsLeft: loops))
        }

        /// Takes what one loop found.
        ///
        /// - Returns: Whether it was the last, and the greediest of all.
        func add(_ found: BufferHolder?) -> (isLast: Bool, BufferHolder?) {
            state.withLock { state in
                state.loopsLeft -= 1
                if let found, found.bytes > state.greediest?.bytes ?? 0 { state.greediest = found }
                return (state.loopsLeft == 0, state.greediest)
            }
        }
    }

    private func search() {
        let byLoop = Dictionary(grouping: connections.open) { ObjectIdentifier($0.eventLoop) }
        guard !byLoop.isEmpty else { return isSearching.store(false, ordering: .relaxed) }
        let search = Search(loops: byLoop.count)
        for connections in byLoop.values {
            connections[0].eventLoop.execute {
                for connection in connections { connection.recount() }
                connections[0].loop.report()
                let found = connections.compactMap(\.greediest).max { $0.bytes < $1.bytes }
                let (isLast, greediest) = search.add(found)
                if isLast { self.end(greediest) }
            }
        }
    }

    private func end(_ greediest: BufferHolder?) {
        guard let greediest, bytes > bytesMax else {
            return isSearching.store(false, ordering: .relaxed)
        }
        let connection = greediest.connection
        connection.eventLoop.perform {
            connection.end(greediest.part)
            connection.loop.report()
            if self.bytes > self.bytesMax {
                self.search()
            } else {
                self.isSearching.store(false, ordering: .relaxed)
            }
        }
    }
}
