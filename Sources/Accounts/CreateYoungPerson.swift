public import Contracts
public import RPC
import ServiceKit
import Storage

extension AccountsService {
    /// Creates the account of a young person in the calling counsellor's caseload.
    ///
    /// Safe to retry: the same content under the same id is the same success, without a code.
    ///
    /// - Throws: INVALID_ARGUMENT for a bad field; `AccountsError.idInUse` for other content under
    ///   the same id; `emailInUse`; `caseloadFull`.
    public func createYoungPerson(
        _ request: CreateYoungPersonRequest,
        _ call: CallContext
    ) async throws -> CreateYoungPersonResponse {
        guard case .counsellor(let counsellorID) = call.caller else {
            throw AccountsError.counsellorUnknown
        }
        let draft = try Draft(request)
        let code = ActivationCode(random: random)
        let now = now()
        return try await database.write { transaction in
            try draft.create(for: counsellorID, code: code, at: now, in: transaction)
        }
    }

    /// The checked content of a request.
    private struct Draft: Sendable {
        let id: String
        let firstName: String
        let lastName: String
        let email: String

        init(_ request: CreateYoungPersonRequest) throws(RPCError) {
            typealias Fields = AccountFields
            id = try Check.id(request.id, "id")
            firstName = try Fields.check(request.firstName, "first_name", Fields.faultOfName)
            lastName = try Fields.check(request.lastName, "last_name", Fields.faultOfName)
            email = try Fields.check(request.email, "email", Fields.faultOfEmail)
        }

        func create(
            for counsellorID: String,
            code: ActivationCode,
            at now: Timestamp,
            in transaction: Transaction
        ) throws -> CreateYoungPersonResponse {
            guard let counsellor = try PersonStore.find(counsellorID, in: transaction),
                counsellor.role == .counsellor
            else { throw AccountsError.counsellorUnknown }
            let account = Account(
                id: id,
                role: .youngPerson,
                firstName: firstName,
                lastName: lastName,
                email: email,
                structureID: counsellor.structureID,
                counsellorID: counsellorID,
                isActivated: false
            )
            if let stored = try PersonStore.find(id, in: transaction) {
                return try again(stored, sameAs: account, in: transaction)
            }
            guard
                try PersonStore.find(emailKey: EmailAddress.key(email), in: transaction) == nil
            else { throw AccountsError.emailInUse }
            let count = try PersonStore.caseloadCount(of: counsellorID, in: transaction)
            guard count < Limits.caseloadMax else { throw AccountsError.caseloadFull }
            try PersonStore.insert(account, in: transaction)
            let person = try PersonStore.person(account, in: transaction)
            try transaction.appendChanged(account, as: person, at: now)
            let expires = try ActivationCodeStore.replace(
                code,
                for: id,
                at: now,
                in: transaction
            )
            return CreateYoungPersonResponse(
                person: person,
                activationCode: code.shown,
                codeExpiresMs: expires.milliseconds
            )
        }

        private func again(
            _ stored: Account,
            sameAs account: Account,
            in queries: some Queries
        ) throws -> CreateYoungPersonResponse {
            var same = account
            // What happened to the account since is not part of the request.
            same.isActivated = stored.isActivated
            same.structureID = stored.structureID
            guard same == stored else { throw AccountsError.idInUse }
            let expires = try ActivationCodeStore.expiry(of: stored.id, in: queries)
            return CreateYoungPersonResponse(
                person: try PersonStore.person(stored, in: queries),
                codeExpiresMs: expires?.milliseconds ?? 0
            )
        }
    }
}
