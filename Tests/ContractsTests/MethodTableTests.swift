import Contracts
import RPC
import Testing

@Suite struct MethodTableTests {
    static let services = RPCCatalogue.services + ContractsCatalogue.services
    static let methods = services.flatMap(\.methods)

    @Test func everyServiceIsThere() {
        let names = ContractsCatalogue.services.map(\.name).sorted()
        #expect(
            names == [
                "passemploi.accounts.v1.Accounts", "passemploi.actions.v1.Actions",
                "passemploi.agenda.v1.Agenda", "passemploi.feed.v1.Feed",
                "passemploi.gateway.v1.Home", "passemploi.gateway.v1.Live",
                "passemploi.messaging.v1.Messaging", "passemploi.offers.v1.Alerts",
                "passemploi.offers.v1.OfferSources", "passemploi.offers.v1.Offers",
                "passemploi.offers.v1.Pursuits",
            ]
        )
    }

    @Test func pathsAreUniqueAndTellServiceAndMethod() {
        #expect(Set(Self.methods.map(\.path)).count == Self.methods.count)
        for service in Self.services {
            #expect(!service.methods.isEmpty)
            for method in service.methods {
                #expect(method.service == service.name)
                #expect(method.path == "\(service.name)/\(method.name)")
            }
        }
    }

    @Test func everyRoleIsOneOfTheSchemas() {
        for method in Self.methods {
            for role in method.roles {
                let known = Role(name: role)
                #expect(known != nil && known != .unspecified, "\(method.path): \(role)")
            }
        }
    }

    @Test func somebodyMayCallEveryMethod() {
        for method in Self.methods {
            #expect(!method.roles.isEmpty || !method.peers.isEmpty, "\(method.path)")
        }
    }

    @Test func onlyServerStreamsGoWithoutATimeout() {
        for method in Self.methods {
            if let timeout = method.timeout {
                #expect(timeout > .zero, "\(method.path)")
            } else {
                #expect(method.kind == .serverStream, "\(method.path)")
            }
        }
    }

    @Test func aMethodIsAsItsSchemaSays() {
        let book = AgendaMethods.bookAppointment.descriptor
        #expect(book.path == "passemploi.agenda.v1.Agenda/BookAppointment")
        #expect(book.kind == .unary)
        #expect(book.roles == ["COUNSELLOR"])
        #expect(book.peers.isEmpty)
        #expect(book.isIdempotent)
        #expect(book.timeout == .milliseconds(5000))
        #expect(book.request.fullName == BookAppointmentRequest.fullName)
        #expect(book.response.fullName == Appointment.fullName)
        let watch = FeedMethods.watch.descriptor
        #expect(watch.kind == .serverStream)
        #expect(watch.roles.isEmpty)
        #expect(watch.peers.contains("gateway"))
        #expect(watch.timeout == nil)
        #expect(AccountsMethods.importPeople.descriptor.kind == .clientStream)
        #expect(!AccountsMethods.signIn.descriptor.isIdempotent)
        #expect(EchoMethods.bidi.descriptor.kind == .bidirectional)
    }

    @Test func aServiceCarriesItsFilesImportsFirst() {
        for service in Self.services {
            var seen: Set<String> = []
            for file in service.files {
                let fields = WireFormat.fields(file)
                #expect(seen.isSuperset(of: fields.texts(3)), "\(service.name)")
                seen.formUnion(fields.texts(1))
            }
            let last = WireFormat.fields(service.files.last ?? [])
            let package = last.texts(2).first ?? ""
            let names = last.contents(6).flatMap { WireFormat.fields($0).texts(1) }
            #expect(names.contains { "\(package).\($0)" == service.name }, "\(service.name)")
        }
    }

    @Test func embeddedFilesKeepTheComments() {
        let file = AgendaMethods.service.files.last ?? []
        let comments = WireFormat.fields(file).contents(9).flatMap { info in
            WireFormat.fields(info).contents(1).flatMap { WireFormat.fields($0).texts(3) }
        }
        #expect(comments.contains { $0.contains("One of the calling counsellor's young people.") })
    }

    @Test func enumerationsNameTheirValues() {
        #expect(Role.allCases.map(\.name).first == "ROLE_UNSPECIFIED")
        #expect(Role.operator.rawValue == 4)
        #expect(Role(name: "PUBLIC") == .public)
        #expect(Role(name: "CALLER") == nil)
        #expect(Role(rawValue: 12) == .unrecognized(12))
        #expect(Role(rawValue: 12).name == "12")
        for value in Modality.allCases { #expect(Modality(rawValue: value.rawValue) == value) }
    }
}
