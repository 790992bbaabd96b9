import Contracts
import Storage

/// The only reader and writer of the `person` table.
enum PersonStore {
    static func find(_ id: String, in queries: some Queries) throws -> Account? {
        try queries.row("\(select) WHERE id = ?", [.text(id)]).map(account)
    }

    static func find(emailKey: String, in queries: some Queries) throws -> Account? {
        try queries.row("\(select) WHERE email_key = ?", [.text(emailKey)]).map(account)
    }

    /// The accounts with these ids, by id.
    static func find(
        ids: some Collection<String>,
        in queries: some Queries
    ) throws
        -> [String: Account]
    {
        var found: [String: Account] = [:]
        try queries.forEachBatch(of: ids, "\(select) WHERE id IN") { row in
            let account = try account(row)
            found[account.id] = account
        }
        return found
    }

    /// The accounts with these addresses, by id; each address as `EmailAddress.key` answers it.
    static func find(
        emailKeys: some Collection<String>,
        in queries: some Queries
    ) throws
        -> [String: Account]
    {
        var found: [String: Account] = [:]
        try queries.forEachBatch(of: emailKeys, "\(select) WHERE email_key IN") { row in
            let account = try account(row)
            found[account.id] = account
        }
        return found
    }

    /// The stored password hash; `nil` before activation.
    static func passwordHash(of id: String, in queries: some Queries) throws -> String? {
        try queries.row("SELECT password_hash FROM person WHERE id = ?", [.text(id)])?
            .optionalText("password_hash")
    }

    /// Accounts behind an id, in the order of their ids.
    static func page(
        after id: String,
        role: String?,
        limit: Int,
        in queries: some Queries
    ) throws -> [Account] {
        let filter = role == nil ? "" : "AND role = ?"
        let arguments: [SQLValue] = [.text(id)] + (role.map { [.text($0)] } ?? [])
        return try queries.rows(
            "\(select) WHERE id > ? \(filter) ORDER BY id LIMIT ?",
            arguments + [.integer(Int64(limit))]
        ).map(account)
    }

    /// A counsellor's young people, by id.
    static func caseload(of counsellorID: String, in queries: some Queries) throws -> [Account] {
        try queries.rows(
            "\(select) WHERE counsellor_id = ? ORDER BY id",
            [.text(counsellorID)]
        ).map(account)
    }

    static func caseloadCount(of counsellorID: String, in queries: some Queries) throws -> Int64 {
        try queries.row(
            "SELECT COUNT(*) AS n FROM person WHERE counsellor_id = ?",
            [.text(counsellorID)]
        )?.int("n") ?? 0
    }

    /// The counsellors with more young people than a caseload may hold.
    static func overfullCaseloads(in queries: some Queries) throws -> Set<String> {
        let rows = try queries.rows(
            """
            SELECT counsellor_id FROM person WHERE counsellor_id IS NOT NULL
            GROUP BY counsellor_id HAVING COUNT(*) > ?
            """,
            [.integer(Int64(Limits.caseloadMax))]
        )
        return Set(try rows.map { try $0.text("counsellor_id") })
    }

    static func insert(_ account: Account, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO person (id, role, first_name, last_name, email, email_key, structure_id,
                counsellor_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(account.id), .text(account.role.rawValue), .text(account.firstName),
                .text(account.lastName), .text(account.email),
                .text(EmailAddress.key(account.email)), .text(account.structureID),
                counsellor(account),
            ]
        )
    }

    /// Stores all but the role and the password, which an update never changes.
    static func update(_ account: Account, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE person SET first_name = ?, last_name = ?, email = ?, email_key = ?,
                structure_id = ?, counsellor_id = ? WHERE id = ?
            """,
            [
                .text(account.firstName), .text(account.lastName), .text(account.email),
                .text(EmailAddress.key(account.email)), .text(account.structureID),
                counsellor(account), .text(account.id),
            ]
        )
    }

    /// Frees the address of an account that is about to get another one, so that two accounts can
    /// exchange theirs.
    ///
    /// An id is never an address: it has no @.
    static func releaseEmail(of id: String, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE person SET email_key = ? WHERE id = ?",
            [.text(id), .text(id)]
        )
    }

    static func setPasswordHash(
        _ hash: PasswordHash,
        of id: String,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            "UPDATE person SET password_hash = ? WHERE id = ?",
            [.text(hash.stored), .text(id)]
        )
    }

    private static let select = """
        SELECT id, role, first_name, last_name, email, structure_id, counsellor_id,
            password_hash IS NOT NULL AS is_activated FROM person
        """

    private static func counsellor(_ account: Account) -> SQLValue {
        account.counsellorID.map { .text($0) } ?? .null
    }

    private static func account(_ row: Row) throws -> Account {
        // The table's own constraint admits no other role.
        guard let role = AccountRole(rawValue: try row.text("role")) else {
            throw UnknownRole(name: try row.text("role"))
        }
        return Account(
            id: try row.text("id"),
            role: role,
            firstName: try row.text("first_name"),
            lastName: try row.text("last_name"),
            email: try row.text("email"),
            structureID: try row.text("structure_id"),
            counsellorID: try row.optionalText("counsellor_id"),
            isActivated: try row.bool("is_activated")
        )
    }

    private struct UnknownRole: Error {
        let name: String
    }
}

extension PersonStore {
    /// The account as callers see it, with its structure.
    static func person(_ account: Account, in queries: some Queries) throws -> Person {
        guard let structure = try StructureStore.find(account.structureID, in: queries) else {
            throw StructureMissing(id: account.structureID)
        }
        return account.person(in: structure)
    }

    /// The accounts as callers see them, with their structures, in the same order.
    static func people(_ accounts: [Account], in queries: some Queries) throws -> [Person] {
        let ids = Set(accounts.map(\.structureID))
        let structures = try StructureStore.find(ids: ids, in: queries)
        return try accounts.map { account in
            guard let structure = structures[account.structureID] else {
                throw StructureMissing(id: account.structureID)
            }
            return account.person(in: structure)
        }
    }

    /// The file was written past its own foreign keys.
    private struct StructureMissing: Error {
        let id: String
    }
}
