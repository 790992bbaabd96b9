import Contracts
import RPC
import ServiceKit
import Testing

/// Every method of the tables × every kind of caller.
@Suite struct AuthorizationTests {
    private static let methods = ContractsCatalogue.services.flatMap(\.methods)
    private static let people: [Caller] = [
        .youngPerson("y"), .counsellor("c"), .supervisor("s"), .visitor,
    ]

    private func isAllowed(_ call: CallContext) -> Bool {
        (try? Authorization().check(call)) != nil
    }

    @Test func peopleMayCallWhatTheirRoleMay() {
        for method in Self.methods {
            for caller in Self.people {
                let call = CallContext(
                    method: method,
                    peer: .service("gateway"),
                    metadata: PersonHeaders.metadata(for: caller)
                )
                let role = call.metadata[PersonHeaders.role] ?? ""
                let expected =
                    method.roles.contains(role) || method.roles.contains("PUBLIC")
                    || method.peers.contains("gateway")
                #expect(isAllowed(call) == expected, "\(role) calls \(method.path)")
            }
        }
    }

    @Test func onlyTheGatewaySpeaksForPeople() {
        for method in Self.methods {
            for peer in ["messaging", "operator", "offers"] {
                let call = CallContext(
                    method: method,
                    peer: .service(peer),
                    metadata: PersonHeaders.metadata(for: .counsellor("c"))
                )
                #expect(!isAllowed(call), "\(peer) claims a person for \(method.path)")
            }
        }
    }

    @Test func servicesMayCallWhatNamesThem() {
        for method in Self.methods {
            for peer in ["accounts", "messaging", "agenda", "actions", "offers", "gateway"] {
                let call = CallContext(method: method, peer: .service(peer))
                let expected = method.peers.contains(peer) || method.roles.contains("PUBLIC")
                #expect(isAllowed(call) == expected, "\(peer) calls \(method.path)")
            }
        }
    }

    @Test func operatorsMayCallWhatIsTheirs() {
        for method in Self.methods {
            let call = CallContext(method: method, peer: .service("operator"))
            let expected =
                method.roles.contains("OPERATOR") || method.roles.contains("PUBLIC")
                || method.peers.contains("operator")
            #expect(isAllowed(call) == expected, "an operator calls \(method.path)")
        }
    }

    @Test func aPersonWithoutAnIDIsNobody() throws {
        let call = CallContext(
            method: AgendaMethods.getAppointment.descriptor,
            peer: .service("gateway"),
            metadata: [PersonHeaders.role: "COUNSELLOR"]
        )
        let error = #expect(throws: RPCError.self) { try Authorization().check(call) }
        #expect(error?.code == .unauthenticated)
    }
}
