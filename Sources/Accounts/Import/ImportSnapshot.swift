import Contracts
import Storage

/// All that is stored already and that the lines of a file match or refer to.
struct ImportSnapshot: Sendable {
    private(set) var structures: [String: Structure] = [:]
    private(set) var accounts: [String: Account] = [:]
    private var structureIDs: [String: String] = [:]
    private var accountIDs: [String: String] = [:]

    /// Looks up what `lines` need: a few statements for hundreds of lines.
    init(for lines: [ImportLine], in queries: some Queries) throws {
        let wanted = Wanted(lines)
        for found in [
            try PersonStore.find(ids: wanted.accountIDs, in: queries),
            try PersonStore.find(emailKeys: wanted.emailKeys, in: queries),
        ] {
            accounts.merge(found) { first, _ in first }
        }
        let structureIDs = wanted.structureIDs.union(accounts.values.lazy.map(\.structureID))
        for found in [
            try StructureStore.find(ids: structureIDs, in: queries),
            try StructureStore.find(keys: wanted.structureKeys, in: queries),
        ] {
            structures.merge(found) { first, _ in first }
        }
        for account in accounts.values { accountIDs[EmailAddress.key(account.email)] = account.id }
        for structure in structures.values {
            self.structureIDs[StructureStore.key(structure.name)] = structure.id
        }
    }

    /// The stored account with an address.
    func account(emailKey: String) -> Account? { accountIDs[emailKey].flatMap { accounts[$0] } }

    /// The stored structure with a name.
    func structure(key: String) -> Structure? { structureIDs[key].flatMap { structures[$0] } }

    private struct Wanted {
        var structureIDs: Set<String> = []
        var structureKeys: Set<String> = []
        var accountIDs: Set<String> = []
        var emailKeys: Set<String> = []

        init(_ lines: [ImportLine]) {
            var structures: Set<String> = []
            var counsellors: Set<String> = []
            for line in lines {
                switch line.content {
                case .structure(let name, _):
                    if let id = line.id { structureIDs.insert(id) }
                    structureKeys.insert(StructureStore.key(name))
                case .person(let person):
                    if let id = line.id { accountIDs.insert(id) }
                    emailKeys.insert(EmailAddress.key(person.email))
                    structures.insert(person.structure)
                    counsellors.insert(person.counsellor)
                }
            }
            for text in structures {
                switch ImportReference(text, key: StructureStore.key) {
                case .id(let id): structureIDs.insert(id)
                case .key(let key): structureKeys.insert(key)
                }
            }
            for text in counsellors {
                switch ImportReference(text, key: EmailAddress.key) {
                case .id(let id): accountIDs.insert(id)
                case .key(let key): emailKeys.insert(key)
                }
            }
        }
    }
}
