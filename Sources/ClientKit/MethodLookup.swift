import Contracts
public import RPC

/// Finds methods by the names that people type.
public enum MethodLookup {
    /// Every service whose schema is built in.
    public static let services =
        ContractsCatalogue.services + [
            HealthMethods.service, ReflectionMethods.service, IntrospectionMethods.service,
            EchoMethods.service,
        ]

    /// The method that `name` means: `Agenda/BookAppointment`, with the package in front, with the
    /// package's name in the service's place (`gateway/Get`), or the method's name alone.
    ///
    /// Letter case does not matter.
    ///
    /// - Throws: `CommandFailure` that names what there is, if the name means no method or several.
    public static func method(_ name: String) throws -> MethodDescriptor {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let methods = services.flatMap(\.methods)
        let found = methods.filter { method in
            guard method.name.lowercased() == parts.last?.lowercased() else { return false }
            switch parts.count {
            case 1: return true
            case 2: return isMeant(method.service, by: parts[0])
            default: return false
            }
        }
        if found.count == 1 { return found[0] }
        throw CommandFailure(
            found.isEmpty
                ? unknown(name, service: parts[0], methods)
                : "\"\(name)\" can mean \(found.map(\.path).joined(separator: " or "))"
                    + "; give one of them.",
            code: 2
        )
    }

    /// Whether `name` is the full service's name, its last part, or its package's name.
    private static func isMeant(_ service: String, by name: String) -> Bool {
        if service == name || service.hasSuffix(".\(name)") { return true }
        let parts = service.split(separator: ".").map { $0.lowercased() }
        return parts.last == name.lowercased() || package(of: service) == name.lowercased()
    }

    /// The process that answers a service of ours: `messaging` of
    /// `passemploi.messaging.v1.Messaging`; `nil` for the built-in ones.
    private static func package(of service: String) -> String? {
        let parts = service.split(separator: ".")
        return parts.first == "passemploi" && parts.count > 1 ? String(parts[1]) : nil
    }

    private static func unknown(
        _ name: String,
        service: String,
        _ methods: [MethodDescriptor]
    ) -> String {
        let near = methods.filter { isMeant($0.service, by: service) }
        if near.isEmpty {
            let all = services.map {
                $0.name.split(separator: ".").last.map(String.init) ?? $0.name
            }
            return "There is no method \"\(name)\". Services: \(all.joined(separator: ", "))."
        }
        let names = near.map(\.name).joined(separator: ", ")
        return "There is no method \"\(name)\". Methods of \(service): \(names)."
    }

    /// The process that answers a method itself, without the gateway in between.
    public static func owner(of method: MethodDescriptor) -> String {
        package(of: method.service) ?? (method.service.hasSuffix(".Echo") ? echo : "gateway")
    }

    /// Who answers a method by default: the gateway what people may call, the service itself what
    /// only operators and services may.
    public static func target(of method: MethodDescriptor) -> String {
        let isForPeople = method.roles.contains { $0 != "OPERATOR" }
        return isForPeople && package(of: method.service) != nil ? "gateway" : owner(of: method)
    }

    /// Where `rpc-echo` listens by default.
    private static let echo = "127.0.0.1:7400"
}
