import ClientKit
import RPC
import Testing

@Suite struct MethodLookupTests {
    @Test(arguments: [
        "messaging/SendMessage", "Messaging/SendMessage", "SendMessage", "messaging/sendmessage",
        "passemploi.messaging.v1.Messaging/SendMessage", "v1.Messaging/SendMessage",
    ])
    func shortNamesFindTheMethod(name: String) throws {
        let method = try MethodLookup.method(name)
        #expect(method.path == "passemploi.messaging.v1.Messaging/SendMessage")
        #expect(MethodLookup.owner(of: method) == "messaging")
        #expect(MethodLookup.target(of: method) == "gateway")
    }

    @Test func thePackageNamesItsServices() throws {
        #expect(try MethodLookup.method("gateway/Get").path == "passemploi.gateway.v1.Home/Get")
    }

    @Test func anAmbiguousNameNamesTheChoices() throws {
        // Both health and live streams are watched.
        let failure = #expect(throws: CommandFailure.self) { try MethodLookup.method("Watch") }
        #expect(failure?.text.contains("passemploi.gateway.v1.Live/Watch") == true)
        #expect(failure?.text.contains("pass.rpc.v1.Health/Watch") == true)
        #expect(failure?.code == 2)
    }

    @Test func anUnknownNameTellsWhatThereIs() {
        let method = #expect(throws: CommandFailure.self) {
            try MethodLookup.method("agenda/Book")
        }
        #expect(method?.text.contains("BookAppointment") == true)
        let service = #expect(throws: CommandFailure.self) { try MethodLookup.method("diary/Book") }
        #expect(service?.text.contains("Agenda") == true)
    }

    @Test func whatOnlyOperatorsMayGoesToTheService() throws {
        #expect(
            MethodLookup.target(of: try MethodLookup.method("accounts/ListPeople")) == "accounts"
        )
    }
}
