import ArgumentParser
import ClientKit
import RPC

extension PassEmploi {
    /// The command `pe list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the services and methods that a process answers."
        )

        @Argument(help: "gateway, a service's name, or host:port.")
        var target = "gateway"

        func run() async throws {
            let schema = try await Deployment().withClient(of: target) { try await Schema.of($0) }
            for service in schema.definitions where service.kind == .service {
                print(service.name)
                for member in service.members { print("  \(member)") }
            }
        }
    }

    /// The command `pe describe`.
    struct Describe: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Shows the definition of a service, message or enumeration, with its comments."
        )

        @Argument(help: "Its name, for example Agenda, Agenda/BookAppointment or Appointment.")
        var name: String

        @Option(help: "gateway, a service's name, or host:port.")
        var to = "gateway"

        func run() async throws {
            let schema = try await Deployment().withClient(of: to) { try await Schema.of($0) }
            let found = schema.find(name)
            guard !found.isEmpty else {
                throw Failure.Message(
                    "\(to) knows nothing called \(name); `pe list` tells its services."
                )
            }
            for definition in found {
                print("// \(definition.name)")
                print(definition.text)
            }
        }
    }
}
