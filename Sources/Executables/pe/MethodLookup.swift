import Contracts
import RPC

/// Finds methods by the names that people type.
enum MethodLookup {
    /// Every service whose schema is built in.
    static let services =
        ContractsCatalogue.services + [
            HealthMethods.service, ReflectionMethods.service, IntrospectionMethods.service,
            EchoMethods.service,
        ]

    /// The method that `name` means: `Agenda/BookAppointment`, or with the package in front.
    static func method(_ name: String) throws -> MethodDescriptor {
        let methods = services.flatMap(\.methods)
        let found = methods.filter { $0.path == name || $0.path.hasSuffix(".\(name)") }
        if found.count == 1 { return found[0] }
        let service = name.split(separator: "/").first.map(String.init) ?? name
        let near = methods.filter { $0.service == service || $0.service.hasSuffix(".\(service)") }
        var text = "There is no method \"\(name)\"."
        if near.isEmpty {
            let all = services.map {
                $0.name.split(separator: ".").last.map(String.init) ?? $0.name
            }
            text += " Services: \(all.joined(separator: ", "))."
        } else {
            text += " Methods of \(service): \(near.map(\.name).joined(separator: ", "))."
        }
        throw Failure.Message(text, code: 2)
    }

    /// Who answers a method by default: the gateway what people may call, the service itself what
    /// only operators and services may.
    static func target(of method: MethodDescriptor) -> String {
        let package = method.service.split(separator: ".")
        guard package.first == "passemploi", package.count > 1 else {
            return package.last == "Echo" ? "127.0.0.1:7400" : "gateway"
        }
        let isForPeople = method.roles.contains { $0 != "OPERATOR" }
        return isForPeople ? "gateway" : String(package[1])
    }
}
