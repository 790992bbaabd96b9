public import Contracts
import Foundation
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Lists the calling counsellor's young people by last and first name, accents and letter case
    /// aside.
    public func listCaseload(
        _ request: ListCaseloadRequest,
        _ call: CallContext
    ) async throws -> ListCaseloadResponse {
        let counsellorID = call.caller.personID ?? ""
        let people = try await database.read { reader in
            let accounts = try PersonStore.caseload(of: counsellorID, in: reader)
            return try PersonStore.people(accounts, in: reader)
        }
        let sorted = people.map { (person: $0, key: SortKey($0)) }.sorted { $0.key < $1.key }
        return ListCaseloadResponse(youngPeople: sorted.map(\.person))
    }

    /// How a reader of French expects names in order; the id decides between namesakes.
    private struct SortKey: Comparable {
        let parts: [String]

        init(_ person: Person) {
            parts = [Self.fold(person.lastName), Self.fold(person.firstName), person.id]
        }

        static func < (left: SortKey, right: SortKey) -> Bool {
            left.parts.lexicographicallyPrecedes(right.parts)
        }

        private static func fold(_ name: String) -> String {
            name.folding(options: [.caseInsensitive, .diacriticInsensitive], locale: nil)
        }
    }
}
