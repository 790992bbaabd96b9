/// What `--pass_opt` asks for: `module=Contracts,emit=swift`.
struct Parameters {
    enum Output: String {
        /// Messages, services and the catalogue.
        case swift
        /// The C target's header, module map and embedded descriptors.
        case c
    }

    /// The Swift module.
    var module = "Contracts"
    var output = Output.swift
    /// Files whose types stay inside the module.
    var internalFiles: Set<String> = []
    /// The C module, if it is not `C` and the module's name.
    var cModuleName: String?

    var cModule: String { cModuleName ?? "C\(module)" }

    /// Parses the parameter of a request.
    init(_ text: String) throws(PluginError) {
        for pair in text.split(separator: ",") {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw PluginError("parameter \(pair): want name=value")
            }
            switch parts[0] {
            case "module": module = parts[1]
            case "cmodule": cModuleName = parts[1]
            case "internal": internalFiles.insert(parts[1])
            case "emit":
                guard let value = Output(rawValue: parts[1]) else {
                    throw PluginError("parameter emit: want swift or c, not \(parts[1])")
                }
                output = value
            default:
                throw PluginError("parameter \(parts[0]): want module, cmodule, emit or internal")
            }
        }
    }
}

/// Why nothing was generated; protoc prints it.
struct PluginError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
