public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Tells who the caller is.
    ///
    /// - Throws: `AccountsError.signedOut` if there is no such account any more.
    public func getMe(_ request: GetMeRequest, _ call: CallContext) async throws -> Person {
        let personID = call.caller.personID ?? ""
        return try await database.read { reader in
            guard let account = try PersonStore.find(personID, in: reader) else {
                throw AccountsError.signedOut
            }
            return try PersonStore.person(account, in: reader)
        }
    }
}
