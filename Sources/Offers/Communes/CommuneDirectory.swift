import Synchronization

/// The communes in memory, as the database has them: the built-in ones until a file is imported.
final class CommuneDirectory: Sendable {
    private let store: CommuneStore
    private let cache = Mutex<CommuneTable?>(nil)

    init(store: CommuneStore) {
        self.store = store
    }

    /// The communes, read from the database once.
    func table() async throws -> CommuneTable {
        if let table = cache.withLock({ $0 }) { return table }
        let communes = try await store.all()
        let table = CommuneTable(communes.isEmpty ? BuiltInCommunes.all : communes)
        return cache.withLock { cached in
            // An import that ended meanwhile has stored a newer table.
            if let cached { return cached }
            cached = table
            return table
        }
    }

    /// Replaces the communes, in the database first.
    func replace(with communes: [Commune]) async throws {
        let table = CommuneTable(communes)
        try await store.replace(with: communes)
        cache.withLock { $0 = table }
    }
}
