import Contracts
import RPC
import ServiceKit
import Storage

/// Gathers a person's first page from all services at once.
struct HomeService: Sendable {
    let accounts: AccountsClient
    let messaging: MessagingClient
    let agenda: AgendaClient
    let actions: ActionsClient
    let offers: OffersClient
    let now: @Sendable () -> Timestamp

    /// Answers the page of the person's role; parts that cannot be had are named, not fatal.
    func get(_ person: Sessions.Person) async throws -> GetHomeResponse {
        let options = CallOptions(
            timeout: Self.partTimeout,
            metadata: PersonHeaders.metadata(for: person.caller, sessionID: person.sessionID)
        )
        switch person.caller {
        case .youngPerson(let id): return await youngPerson(id, options)
        case .counsellor: return await counsellor(options)
        case .supervisor, .operator, .visitor, .service:
            throw RPCError(.permissionDenied, "There is no first page for this role.")
        }
    }

    /// One slow service must not hold up the page: its part is then missing.
    ///
    /// Below Home/Get's own default of 3 s.
    private static let partTimeout = Duration.milliseconds(1_500)

    /// A part of the page, or the name of the service that could not give it.
    enum Part<Value: Sendable>: Sendable {
        case here(Value)
        case missing(String)

        var value: Value? {
            if case .here(let value) = self { return value }
            return nil
        }

        var missing: MissingPart? {
            guard case .missing(let service) = self else { return nil }
            return MissingPart(service: service, reason: Self.reasons[service] ?? "")
        }

        private static var reasons: [String: String] {
            [
                "accounts": "La liste des jeunes est momentanément indisponible.",
                "messaging": "Les messages sont momentanément indisponibles.",
                "agenda": "Les rendez-vous sont momentanément indisponibles.",
                "actions": "Les actions sont momentanément indisponibles.",
                "offers": "Les offres sont momentanément indisponibles.",
            ]
        }
    }

    /// Runs one part's call; any failure makes the part missing.
    func part<Value: Sendable>(
        _ service: String,
        _ call: () async throws -> Value
    ) async -> Part<Value> {
        do {
            return .here(try await call())
        } catch {
            return .missing(service)
        }
    }
}
