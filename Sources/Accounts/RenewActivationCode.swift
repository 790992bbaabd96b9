public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Makes a new activation code and ends the earlier one.
    ///
    /// For someone who has a password already, the code is the way to a new one: using it ends all
    /// open sessions.
    ///
    /// - Throws: `AccountsError.notInCaseload` for a counsellor who does not follow this person;
    ///   `personUnknown` for an operator.
    public func renewActivationCode(
        _ request: RenewActivationCodeRequest,
        _ call: CallContext
    ) async throws -> RenewActivationCodeResponse {
        let id = try Check.id(request.personID, "person_id")
        let caller = call.caller
        let code = ActivationCode(random: random)
        let now = now()
        let expires = try await database.write { transaction in
            let account = try PersonStore.find(id, in: transaction)
            if caller == .operator {
                guard account != nil else { throw AccountsError.personUnknown }
            } else {
                guard let counsellorID = account?.counsellorID,
                    caller == .counsellor(counsellorID)
                else { throw AccountsError.notInCaseload }
            }
            return try ActivationCodeStore.replace(code, for: id, at: now, in: transaction)
        }
        return RenewActivationCodeResponse(
            activationCode: code.shown,
            codeExpiresMs: expires.milliseconds
        )
    }
}
