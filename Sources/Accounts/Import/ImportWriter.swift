import Contracts
import ServiceKit
import Storage

extension ImportPlan {
    /// Stores what is new or changed and tells the feed: structures, then counsellors, then young
    /// people, so that readers of the feed know whatever an entry refers to.
    func store(at now: Timestamp, in transaction: Transaction) throws {
        try releaseKeys(in: transaction)
        for entry in structures where !entry.isSame {
            if entry.stored == nil {
                try StructureStore.insert(entry.value, in: transaction)
            } else {
                try StructureStore.update(entry.value, in: transaction)
            }
            try transaction.append(StructureChanged(structure: entry.value), at: now)
        }
        for entry in accounts where !entry.isSame {
            if entry.stored == nil {
                try PersonStore.insert(entry.value, in: transaction)
            } else {
                try PersonStore.update(entry.value, in: transaction)
            }
            // The plan holds the structure of each of its accounts.
            guard let structure = structuresByID[entry.value.structureID] else { continue }
            let person = entry.value.person(in: structure)
            try transaction.appendChanged(entry.value, as: person, at: now)
        }
        try checkCaseloads(in: transaction)
    }

    /// Frees names and addresses that change, so that two entities can exchange theirs whatever the
    /// order in which they are stored.
    private func releaseKeys(in transaction: Transaction) throws {
        for entry in structures {
            guard let stored = entry.stored, stored.name != entry.value.name else { continue }
            try StructureStore.releaseName(of: stored.id, in: transaction)
        }
        for entry in accounts {
            guard let stored = entry.stored, stored.email != entry.value.email else { continue }
            try PersonStore.releaseEmail(of: stored.id, in: transaction)
        }
    }

    /// Refuses, and with it takes back, an import that leaves a caseload too full.
    private func checkCaseloads(in queries: some Queries) throws {
        var overfull = try PersonStore.overfullCaseloads(in: queries)
        guard !overfull.isEmpty else { return }
        var faults = ImportFaults()
        for entry in accounts {
            guard let id = entry.value.counsellorID, overfull.remove(id) != nil else { continue }
            faults.add(
                line: entry.line,
                field: "counsellor",
                "would have more than \(Limits.caseloadMax) young people"
            )
        }
        try faults.check()
    }
}
