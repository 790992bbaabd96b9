public import Contracts
import RPC
public import ServiceKit
public import Storage

/// Who is who and who follows whom: structures, counsellors, young people, their sign-ins.
///
/// Each method has a file of its own name.
public struct AccountsService: AccountsServer {
    let database: Database
    let hasher: PasswordHasher
    let ids: IDGenerator
    let random: @Sendable (Int) -> [UInt8]
    let now: @Sendable () -> Timestamp

    /// The service on its database.
    ///
    /// - Parameters:
    ///   - database: holds the tables of `AccountsSchema`.
    ///   - cores: how many passwords may be hashed at once.
    ///   - ids: makes the ids of sessions, and of people imported without one.
    ///   - random: makes so many bytes that nobody can guess: tokens, codes, salts.
    ///   - now: tells the time.
    public init(
        database: Database,
        cores: Int,
        ids: IDGenerator,
        random: @escaping @Sendable (Int) -> [UInt8],
        now: @escaping @Sendable () -> Timestamp
    ) {
        let pool = HashPool(workers: cores, waitingMax: cores * Limits.hashesWaitingPerCoreMax)
        self.init(
            database: database,
            hasher: PasswordHasher(pool: pool, scrypt: .standard),
            ids: ids,
            random: random,
            now: now
        )
    }

    init(
        database: Database,
        hasher: PasswordHasher,
        ids: IDGenerator,
        random: @escaping @Sendable (Int) -> [UInt8],
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.database = database
        self.hasher = hasher
        self.ids = ids
        self.random = random
        self.now = now
    }
}
