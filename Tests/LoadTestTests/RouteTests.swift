import ClientKit
import NIOCore
import RPC
import Testing

@testable import LoadTest

@Suite struct RouteTests {
    @Test(arguments: [
        (
            "messaging/SendMessage", Persona.youngPerson, Way.services, "messaging",
            Optional("gateway")
        ),
        ("messaging/SendMessage", .youngPerson, .gateway, "gateway", nil),
        ("offers/SearchOffers", .visitor, .services, "offers", "gateway"),
        ("offers/SearchOffers", .visitor, .gateway, "gateway", nil),
        ("accounts/ListPeople", .operator, .gateway, "accounts", "operator"),
        ("accounts/CheckSession", .operator, .services, "accounts", "gateway"),
        ("Home/Get", .counsellor, .gateway, "gateway", nil),
        ("Echo/Unary", .visitor, .services, "127.0.0.1:7400", nil),
    ])
    func callsGoWhereTheyAreAnswered(
        name: String,
        role: Persona,
        way: Way,
        target: String,
        certificate: String?
    ) throws {
        let method = try MethodLookup.method(name)
        let route = Route(method, as: role, by: way)
        #expect(route == Route(target: target, certificate: certificate))
    }

    @Test func theRoleIsTheFirstThatMay() throws {
        #expect(Persona(for: try MethodLookup.method("messaging/SendMessage")) == .youngPerson)
        #expect(Persona(for: try MethodLookup.method("agenda/BookAppointment")) == .counsellor)
        #expect(Persona(for: try MethodLookup.method("accounts/SignIn")) == .visitor)
        #expect(Persona(for: try MethodLookup.method("accounts/ImportPeople")) == .operator)
        #expect(Persona(for: try MethodLookup.method("accounts/CheckSession")) == .operator)
    }

    @Test func callsCarryWhoseTheyAre() throws {
        var random = SeededGenerator(seed: 1)
        let asserted = try LoadScene.cast(.asserted)
        let youngPerson = asserted.actor(.youngPerson, &random)
        let id = asserted.population.youngPersonID(youngPerson.number)
        #expect(asserted.metadata(youngPerson) == ["person-role": "YOUNG_PERSON", "person-id": id])
        let visitor = asserted.actor(.visitor, &random)
        #expect(asserted.metadata(visitor) == ["person-role": "PUBLIC"])
        #expect(asserted.metadata(asserted.actor(.operator, &random)) == [:])
        let signedIn = try LoadScene.cast(.tokens([id: "secret"]))
        #expect(signedIn.metadata(youngPerson) == ["authorization": "Bearer secret"])
        #expect(signedIn.metadata(visitor) == [:])
        #expect(try LoadScene.cast(.none).metadata(youngPerson) == [:])
    }

    @Test func aSecondTryWouldHideTheFirst() throws {
        let request = CallRequest(
            method: EchoMethods.unary.descriptor,
            payload: .init(),
            role: .visitor,
            metadata: [:],
            timeout: nil,
            flow: 1,
            lane: 0
        )
        #expect(!request.options.retries && !request.options.hedges)
        #expect(request.options.timeout != nil)
    }
}
