import Contracts

/// Finds out what each line of a file means: which entity it describes and whom it refers to.
///
/// A line describes the stored entity with its id, else the one with its address or name, else a
/// new one. References are looked up in the file first, then in what is stored, so that lines may
/// come in any order.
struct ImportPlanner {
    private let lines: [ImportLine]
    private let stored: ImportSnapshot
    private let newID: () -> String
    private(set) var faults: ImportFaults

    /// The entity that each line describes, by the line's index.
    private var targets: [String] = []
    private var structures = Index()
    private var accounts = Index()

    /// Where the file mentions something, by id and by name or address; values index `lines`.
    private struct Index {
        var byID: [String: Int] = [:]
        var byKey: [String: Int] = [:]
    }

    init(
        _ lines: [ImportLine],
        stored: ImportSnapshot,
        faults: ImportFaults,
        newID: @escaping () -> String
    ) {
        self.lines = lines
        self.stored = stored
        self.faults = faults
        self.newID = newID
    }

    /// The plan; only to be used if `faults` is empty.
    mutating func plan() -> ImportPlan {
        identify()
        checkUniqueness()
        var plan = ImportPlan()
        addStructures(to: &plan)
        addAccounts(.counsellor, to: &plan)
        addAccounts(.youngPerson, to: &plan)
        return plan
    }

    /// Decides which entity each line describes.
    private mutating func identify() {
        targets.reserveCapacity(lines.count)
        for (position, line) in lines.enumerated() {
            switch line.content {
            case .structure(let name, _):
                let key = StructureStore.key(name)
                let target = line.id ?? stored.structure(key: key)?.id ?? newID()
                targets.append(target)
                note(target, key, "name", at: position, in: \.structures)
            case .person(let person):
                let key = EmailAddress.key(person.email)
                let target = line.id ?? stored.account(emailKey: key)?.id ?? newID()
                targets.append(target)
                note(target, key, "email", at: position, in: \.accounts)
                if let account = stored.accounts[target], account.role != person.role {
                    faults.add(
                        line: line.number,
                        field: "kind",
                        "cannot change: this is a \(account.role.noun) already"
                    )
                }
            }
        }
    }

    /// Enters a line into the index; a second line about the same entity is a fault.
    private mutating func note(
        _ target: String,
        _ key: String,
        _ column: String,
        at position: Int,
        in index: WritableKeyPath<ImportPlanner, Index>
    ) {
        if let other = self[keyPath: index].byID.updateValue(position, forKey: target) {
            self[keyPath: index].byID[target] = other
            fault(at: position, "id", "means the same as line \(lines[other].number)")
        }
        guard !key.isEmpty else { return }
        if let other = self[keyPath: index].byKey.updateValue(position, forKey: key) {
            self[keyPath: index].byKey[key] = other
            fault(at: position, column, "stands on line \(lines[other].number) already")
        }
    }

    /// Finds names and addresses that belong to someone else, whom the file leaves as they are.
    private mutating func checkUniqueness() {
        for (key, position) in structures.byKey {
            guard let holder = stored.structure(key: key), holder.id != targets[position],
                structures.byID[holder.id] == nil
            else { continue }
            fault(at: position, "name", "belongs to another structure already")
        }
        for (key, position) in accounts.byKey {
            guard let holder = stored.account(emailKey: key), holder.id != targets[position],
                accounts.byID[holder.id] == nil
            else { continue }
            fault(at: position, "email", "belongs to another account already")
        }
    }

    private mutating func fault(at position: Int, _ column: String, _ mend: String) {
        faults.add(line: lines[position].number, field: column, mend)
    }
}

extension ImportPlanner {
    private func addStructures(to plan: inout ImportPlan) {
        for (position, line) in lines.enumerated() {
            guard case .structure(let name, let timeZone) = line.content else { continue }
            let id = targets[position]
            let structure = Structure(id: id, name: name, timeZone: timeZone)
            plan.structures.append(
                .init(line: line.number, value: structure, stored: stored.structures[id])
            )
            plan.structuresByID[id] = structure
        }
    }

    private mutating func addAccounts(_ role: AccountRole, to plan: inout ImportPlan) {
        for (position, line) in lines.enumerated() {
            guard case .person(let person) = line.content, person.role == role else { continue }
            let id = targets[position]
            let counsellorID =
                role == .youngPerson ? resolveCounsellor(person.counsellor, at: position) : nil
            let structureID =
                person.structure.isEmpty
                ? counsellorID.flatMap { self.structureID(ofCounsellor: $0) }
                : resolveStructure(person.structure, at: position)
            guard let structureID, counsellorID != nil || role == .counsellor else { continue }
            let old = stored.accounts[id]
            let account = Account(
                id: id,
                role: role,
                firstName: person.firstName,
                lastName: person.lastName,
                email: person.email,
                structureID: structureID,
                counsellorID: counsellorID,
                isActivated: old?.isActivated ?? false
            )
            plan.accounts.append(.init(line: line.number, value: account, stored: old))
            if plan.structuresByID[structureID] == nil {
                plan.structuresByID[structureID] = stored.structures[structureID]
            }
        }
    }

    private mutating func resolveStructure(_ text: String, at position: Int) -> String? {
        let found = structureID(text)
        if found == nil {
            fault(at: position, "structure", "is neither in this file nor stored")
        }
        return found
    }

    private func structureID(_ text: String) -> String? {
        switch ImportReference(text, key: StructureStore.key) {
        case .id(let id):
            structures.byID[id].map { targets[$0] } ?? stored.structures[id]?.id
        case .key(let key):
            structures.byKey[key].map { targets[$0] } ?? stored.structure(key: key)?.id
        }
    }

    /// The counsellor that a young person's line refers to; an empty field has its fault already.
    private mutating func resolveCounsellor(_ text: String, at position: Int) -> String? {
        guard !text.isEmpty else { return nil }
        let reference = ImportReference(text, key: EmailAddress.key)
        let inFile: Int? =
            switch reference {
            case .id(let id): accounts.byID[id]
            case .key(let key): accounts.byKey[key]
            }
        if let inFile {
            if case .person(let person) = lines[inFile].content, person.role == .counsellor {
                return targets[inFile]
            }
            fault(at: position, "counsellor", "is no counsellor but a young person")
            return nil
        }
        let account: Account? =
            switch reference {
            case .id(let id): stored.accounts[id]
            case .key(let key): stored.account(emailKey: key)
            }
        switch account?.role {
        case .counsellor: return account?.id
        case .none: fault(at: position, "counsellor", "is neither in this file nor stored")
        case .youngPerson, .supervisor: fault(at: position, "counsellor", "is no counsellor")
        }
        return nil
    }

    /// Where a counsellor will be once the file is stored.
    private func structureID(ofCounsellor id: String) -> String? {
        if let position = accounts.byID[id], case .person(let person) = lines[position].content {
            return structureID(person.structure)
        }
        return stored.accounts[id]?.structureID
    }
}
