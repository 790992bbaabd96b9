/// Writes a service: its method table, its client, and the protocol of its server.
struct ServiceEmitter {
    let names: Names
    let module: String
    /// Positions of the embedded descriptors that describe the service.
    let fileIndices: [Int]

    func emit(_ service: ServiceSchema, into text: inout SourceText) {
        text.line()
        emitMethods(service, into: &text)
        text.line()
        emitClient(service, into: &text)
        text.line()
        emitServer(service, into: &text)
    }

    private func emitMethods(_ service: ServiceSchema, into text: inout SourceText) {
        text.line("/// The method table of `\(service.fullName)`.")
        text.block("public enum \(service.name)Methods") { text in
            for method in service.methods {
                let types = "\(names.type(method.request)), \(names.type(method.response))"
                text.documentation(method.source.comment)
                text.line(
                    "public static let \(Names.function(method.name)) = Method<\(types)>("
                )
                text.indented { text in
                    text.line("service: \"\(service.fullName)\",")
                    text.line("name: \"\(method.name)\",")
                    text.line("kind: .\(method.kind),")
                    text.line("roles: \(literal(method.rules?.roles ?? [])),")
                    text.line("peers: \(literal(method.rules?.peers ?? [])),")
                    text.line("isIdempotent: \(method.isIdempotent),")
                    let timeoutMs = method.rules?.timeoutMs ?? 0
                    text.line("timeout: \(timeoutMs == 0 ? "nil" : ".milliseconds(\(timeoutMs))")")
                }
                text.line(")")
                text.line()
            }
            text.line("/// The service as its schema defines it.")
            text.line("public static let service = ServiceDescriptor(")
            text.indented { text in
                text.line("name: \"\(service.fullName)\",")
                text.line("methods: [")
                text.indented { text in
                    for method in service.methods {
                        text.line("\(Names.function(method.name)).descriptor,")
                    }
                }
                text.line("],")
                let indices = fileIndices.map(String.init).joined(separator: ", ")
                text.line("files: \(module)Files.at(\(indices))")
            }
            text.line(")")
        }
    }

    private func literal(_ values: [String]) -> String {
        "[\(values.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }

    private func emitClient(_ service: ServiceSchema, into text: inout SourceText) {
        text.documentation(service.source.comment)
        text.block("public struct \(service.name)Client: Sendable") { text in
            text.line("private let client: RPCClient")
            text.line()
            text.line("/// Calls the service through `client`.")
            text.block("public init(_ client: RPCClient)") { text in
                text.line("self.client = client")
            }
            for method in service.methods {
                text.line()
                text.documentation(method.source.comment)
                emitCall(method, of: service, into: &text)
            }
        }
    }

    private func emitCall(
        _ method: MethodSchema,
        of service: ServiceSchema,
        into text: inout SourceText
    ) {
        let request = names.type(method.request)
        let response = names.type(method.response)
        let hasBody = method.kind != "unary"
        let isGeneric = method.serverStreams
        let result = isGeneric ? "Result" : response
        text.line("public func \(Names.function(method.name))\(isGeneric ? "<Result>" : "")(")
        text.indented { text in
            if !method.clientStreams { text.line("_ request: \(request),") }
            text.line("options: CallOptions = CallOptions()\(hasBody ? "," : "")")
            switch method.kind {
            case "serverStream":
                text.line("_ body: (ResponseStream<\(response)>) async throws -> Result")
            case "clientStream":
                text.line("_ write: (RequestWriter<\(request)>) async throws -> Void")
            case "bidirectional":
                text.line("_ body: (")
                text.indented { text in
                    text.line("RequestWriter<\(request)>,")
                    text.line("ResponseStream<\(response)>")
                }
                text.line(") async throws -> Result")
            default:
                break
            }
        }
        text.block(") async throws -> \(result)") { text in
            text.line("try await client.\(method.kind)(")
            text.indented { text in
                text.line("\(service.name)Methods.\(Names.function(method.name)),")
                if !method.clientStreams { text.line("request,") }
                text.line("options: options\(hasBody ? "," : "")")
                if hasBody { text.line(method.kind == "clientStream" ? "write" : "body") }
            }
            text.line(")")
        }
    }

    private func emitServer(_ service: ServiceSchema, into text: inout SourceText) {
        text.line("/// What answers `\(service.fullName)`: one function per method.")
        text.line("///")
        text.documentation(service.source.comment)
        text.block("public protocol \(service.name)Server: RPCService") { text in
            for (position, method) in service.methods.enumerated() {
                if position > 0 { text.line() }
                text.documentation(method.source.comment)
                text.line("func \(Names.function(method.name))(")
                text.indented { text in
                    for parameter in serverParameters(method) { text.line(parameter) }
                }
                let answers = !method.serverStreams
                text.line(
                    ") async throws\(answers ? " -> \(names.type(method.response))" : "")"
                )
            }
        }
        text.line()
        text.block("extension \(service.name)Server") { text in
            text.line("/// The service as its schema defines it.")
            text.block("public static var descriptor: ServiceDescriptor") { text in
                text.line("\(service.name)Methods.service")
            }
            text.line()
            text.line("/// What answers each method, in the schema's order.")
            text.block("public var methods: [RPCMethod]") { text in
                text.line("[")
                text.indented { text in
                    for method in service.methods {
                        let name = Names.function(method.name)
                        let arguments = method.serverStreams ? "$0, $1, $2" : "$0, $1"
                        text.line(
                            ".\(method.kind)(\(service.name)Methods.\(name)) "
                                + "{ try await self.\(name)(\(arguments)) },"
                        )
                    }
                }
                text.line("]")
            }
        }
    }

    private func serverParameters(_ method: MethodSchema) -> [String] {
        let request = names.type(method.request)
        var parameters = [
            method.clientStreams
                ? "_ requests: RequestStream<\(request)>," : "_ request: \(request),"
        ]
        if method.serverStreams {
            parameters.append("_ responses: ResponseWriter<\(names.type(method.response))>,")
        }
        return parameters + ["_ call: CallContext"]
    }
}

extension MethodSchema {
    /// The name of the runtime's `CallKind`, and of its functions for such calls.
    var kind: String {
        switch (clientStreams, serverStreams) {
        case (false, false): "unary"
        case (false, true): "serverStream"
        case (true, false): "clientStream"
        case (true, true): "bidirectional"
        }
    }
}
