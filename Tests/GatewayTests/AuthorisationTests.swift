import Contracts
import RPC
import ServiceKit
import Testing

@testable import Gateway

/// Who may call what through the door, computed from the method table.
@Suite struct AuthorisationTests {
    /// How a caller presents itself.
    enum Visitor: CaseIterable, Sendable {
        case nobody, young, counsellor, supervisor
        case unknownToken, otherScheme, noToken, spaces, control, notText, tooLong

        var options: CallOptions {
            switch self {
            case .nobody: CallOptions()
            case .young: TestPerson.young.options
            case .counsellor: TestPerson.counsellor.options
            case .supervisor: TestPerson.supervisor.options
            case .unknownToken: Self.header("Bearer unknown")
            case .otherScheme: Self.header("Basic token-young")
            case .noToken: Self.header("Bearer ")
            case .spaces: Self.header("Bearer  token-young")
            case .control: Self.header("Bearer token\u{0}young")
            case .notText: Self.header([0x42, 0xFF, 0xFE])
            case .tooLong: Self.header("Bearer " + String(repeating: "a", count: 400))
            }
        }

        /// The role in the method table's spelling; `nil` without a good session.
        var role: String? {
            switch self {
            case .young: "YOUNG_PERSON"
            case .counsellor: "COUNSELLOR"
            case .supervisor: "SUPERVISOR"
            default: nil
            }
        }

        private static func header(_ text: String) -> CallOptions { header(Array(text.utf8)) }

        private static func header(_ bytes: [UInt8]) -> CallOptions {
            var metadata = Metadata()
            metadata.add("authorization", bytes: bytes)
            return CallOptions(metadata: metadata)
        }

        /// What the table says; `nil` for an answer.
        func expected(_ method: MethodDescriptor) -> RPCError.Code? {
            // Every service has a feed of its own: the gateway has none to pass calls on to.
            if method.service == FeedMethods.service.name { return .unimplemented }
            let forPeople = method.roles.filter { $0 != "OPERATOR" }
            if forPeople.isEmpty { return .permissionDenied }
            let isPublic = forPeople.contains("PUBLIC")
            if let role { return isPublic || forPeople.contains(role) ? nil : .permissionDenied }
            return self == .nobody && isPublic ? nil : .unauthenticated
        }
    }

    /// All methods; signing out comes last, because it is the end of the session.
    private static let methods = {
        let all = ContractsCatalogue.services.flatMap(\.methods)
        let last = AccountsMethods.signOut.descriptor.path
        return all.filter { $0.path != last } + all.filter { $0.path == last }
    }()
    private static let own = [HomeMethods.service.name, LiveMethods.service.name]

    @Test(arguments: Visitor.allCases)
    func everyMethodAnswersWhomTheTableNames(_ visitor: Visitor) async throws {
        try await withGateway { gateway in
            for method in Self.methods {
                gateway.backend.forgetSeen()
                let outcome = await code(of: method, visitor, gateway)
                #expect(outcome == visitor.expected(method), "\(method.path) for \(visitor)")
                let reached = gateway.backend.seen
                if outcome != nil {
                    #expect(reached.isEmpty, "\(method.path) for \(visitor) went on")
                } else if !Self.own.contains(method.service) {
                    #expect(reached.map(\.path) == [method.path])
                    #expect(reached.first?.payload == [0x0A, 0x01, 0x41])
                    #expect(reached.first?.metadata[PersonHeaders.role] == visitor.role ?? "PUBLIC")
                }
            }
        }
    }

    @Test func theTableHasMethodsOfEachFate() {
        for visitor in [Visitor.young, .counsellor] {
            let fates = Set(Self.methods.map { visitor.expected($0)?.name ?? "OK" })
            #expect(fates == ["OK", "PERMISSION_DENIED", "UNIMPLEMENTED"])
        }
        let fates = Set(Self.methods.map { Visitor.nobody.expected($0)?.name ?? "OK" })
        #expect(fates == ["OK", "UNAUTHENTICATED", "PERMISSION_DENIED", "UNIMPLEMENTED"])
    }

    @Test func whatIsInternalOrTheOperatorsIsRefusedToAll() {
        let closed = Self.methods.filter { !Door.isOpenToPeople($0) }.map(\.name)
        let expected = [
            "ImportPeople", "ListPeople", "CheckSession", "Watch", "ImportOffers", "ImportCommunes",
            "ListSources", "AcceptClosing",
        ]
        #expect(closed == expected)
    }

    private func code(
        of method: MethodDescriptor,
        _ visitor: Visitor,
        _ gateway: GatewayScene
    ) async -> RPCError.Code? {
        // A field 1 of text, which most requests have; Home and Live take none of that.
        let bytes: [UInt8] = Self.own.contains(method.service) ? [] : [0x0A, 0x01, 0x41]
        do {
            try await gateway.call(method, bytes, visitor.options)
            return nil
        } catch {
            return (error as? RPCError)?.code ?? .unknown
        }
    }
}
