import Contracts
import Storage

/// The only reader and writer of `offer_twin` and `offer_twin_key`: which offers are the same job.
///
/// Offers that are the same job form a group. One of them leads: it alone is in the search, and shows
/// the others as its links. A closed offer belongs to no group.
enum OfferTwins {
    /// Whether an offer is to be in the search, and what else changes with it.
    struct Place {
        /// False for one that another leads.
        var isShown: Bool
        /// Offers that now lead, since the one that led them left; they are not in the search yet.
        var promoted: [String] = []
    }

    private struct Member {
        let id: String
        let lead: String?
        let traits: TwinTraits
    }

    /// Puts a new or changed offer where it belongs; its traits are `nil` if it is never the same as
    /// another.
    static func place(
        _ id: String,
        _ traits: TwinTraits?,
        isNew: Bool,
        in transaction: Transaction
    ) throws -> Place {
        var place = Place(isShown: true)
        if !isNew, let old = try member(id, in: transaction) {
            guard old.traits != traits else {
                return Place(isShown: old.lead == nil || old.lead == id)
            }
            place.promoted = try leave(old, in: transaction)
        }
        guard let traits else { return place }
        let lead = try lead(for: traits, in: transaction)
        try insert(id, traits, lead: lead, in: transaction)
        place.isShown = lead == nil
        return place
    }

    /// Takes an offer that closes out of its group; answers who leads the others now.
    static func remove(_ id: String, in transaction: Transaction) throws -> [String] {
        guard let member = try member(id, in: transaction) else { return [] }
        return try leave(member, in: transaction)
    }

    /// The other members of an offer's group.
    static func others(of id: String, in queries: some Queries) throws -> [String] {
        try queries.rows(
            """
            SELECT other.id AS id FROM offer_twin one
            JOIN offer_twin other ON other.lead_id = one.lead_id
            WHERE one.id = ? AND other.id <> one.id ORDER BY other.id
            """,
            [.text(id)]
        ).map { try $0.text("id") }
    }

    private static func member(_ id: String, in transaction: Transaction) throws -> Member? {
        try transaction.row("SELECT id, lead_id, traits FROM offer_twin WHERE id = ?", [.text(id)])
            .flatMap(member)
    }

    private static func member(_ row: Row) throws -> Member? {
        guard let traits = TwinTraits(stored: try row.blob("traits")) else { return nil }
        return Member(id: try row.text("id"), lead: try row.optionalText("lead_id"), traits: traits)
    }

    private static func insert(
        _ id: String,
        _ traits: TwinTraits,
        lead: String?,
        in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO offer_twin (id, lead_id, traits) VALUES (?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET lead_id = excluded.lead_id, traits = excluded.traits
            """,
            [.text(id), SQLValue(lead), .blob(traits.stored)]
        )
        for key in traits.keys {
            try transaction.execute(
                "INSERT INTO offer_twin_key (twin_key, id) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [.integer(key), .text(id)]
            )
        }
    }
}

extension OfferTwins {
    /// Who leads the group that an offer belongs to; `nil` if there is none.
    private static func lead(
        for traits: TwinTraits,
        in transaction: Transaction
    ) throws -> String? {
        guard let best = try mostAlike(traits, in: transaction) else { return nil }
        guard let lead = best.lead else {
            try transaction.execute(
                "UPDATE offer_twin SET lead_id = ? WHERE id = ?",
                [.text(best.id), .text(best.id)]
            )
            return best.id
        }
        // Alike is not transitive: two that contradict each other must not meet over a third.
        let members = try group(of: lead, in: transaction)
        let isWelcome =
            members.count < OfferLimits.twinsMax
            && !members.contains { traits.contradicts($0.traits) }
        return isWelcome ? lead : nil
    }

    private static func mostAlike(
        _ traits: TwinTraits,
        in transaction: Transaction
    ) throws -> Member? {
        var best: (member: Member, likeness: Double)?
        for key in traits.keys {
            let sql = """
                SELECT t.id AS id, t.lead_id AS lead_id, t.traits AS traits
                FROM offer_twin_key k JOIN offer_twin t ON t.id = k.id
                WHERE k.twin_key = ? LIMIT ?
                """
            let limit = Int64(OfferLimits.twinCandidatesMax)
            try transaction.forEachRow(sql, [.integer(key), .integer(limit)]) { row in
                guard let member = try member(row),
                    let likeness = traits.likeness(to: member.traits)
                else { return }
                // Of two alike the lower id, so that the order of keys does not matter.
                let isBetter =
                    best.map { found in
                        likeness != found.likeness
                            ? likeness > found.likeness : member.id < found.member.id
                    } ?? true
                if isBetter { best = (member, likeness) }
            }
        }
        return best?.member
    }

    private static func group(
        of lead: String,
        in transaction: Transaction
    ) throws -> [Member] {
        try transaction.rows(
            "SELECT id, lead_id, traits FROM offer_twin WHERE lead_id = ? ORDER BY id",
            [.text(lead)]
        ).compactMap(member)
    }

    /// Takes a member out; if it led others, the first of them leads now.
    private static func leave(
        _ member: Member,
        in transaction: Transaction
    ) throws -> [String] {
        for key in member.traits.keys {
            try transaction.execute(
                "DELETE FROM offer_twin_key WHERE twin_key = ? AND id = ?",
                [.integer(key), .text(member.id)]
            )
        }
        try transaction.execute("DELETE FROM offer_twin WHERE id = ?", [.text(member.id)])
        guard let lead = member.lead else { return [] }
        let others = try group(of: lead, in: transaction)
        guard let first = others.first else { return [] }
        let newLead = lead == member.id ? first.id : lead
        try transaction.execute(
            "UPDATE offer_twin SET lead_id = ? WHERE lead_id = ?",
            [others.count > 1 ? .text(newLead) : .null, .text(lead)]
        )
        return lead == member.id ? [newLead] : []
    }
}
