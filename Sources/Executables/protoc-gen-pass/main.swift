// Reads a CodeGeneratorRequest from protoc on standard input and answers on standard output.
let response: PluginResponse
do throws(PluginError) {
    let request = try PluginRequest(readStandardInput())
    response = .files(try generate(request))
} catch {
    response = .refusal(error.message)
}
writeStandardOutput(response.serialised())

/// Checks the schema and writes what the parameters ask for.
func generate(_ request: PluginRequest) throws(PluginError) -> [GeneratedFile] {
    let parameters = try Parameters(request.parameter)
    switch parameters.output {
    case .c:
        return CTarget(request: request, module: parameters.cModule).files
    case .swift:
        let names = Names(request.targets)
        try Lint(files: request.targets, names: names).check()
        return SwiftTarget(request: request, parameters: parameters, names: names).files
    }
}
