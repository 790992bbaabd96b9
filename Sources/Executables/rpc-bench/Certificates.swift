import ArgumentParser
import TLS

/// Which certificates both sides show each other.
struct Certificates: ParsableArguments {
    @Option(help: "The directory that `deploy/certs DIR bench` filled.")
    var certificates: String

    /// The name in the certificate, which the client checks.
    static let name = "bench"

    func server() throws -> TLSContext {
        try TLSContext(
            .server(
                certificatePath: "\(certificates)/\(Self.name).pem",
                keyPath: "\(certificates)/\(Self.name).key",
                authorityPath: "\(certificates)/ca.pem"
            )
        )
    }

    func client() throws -> TLSContext {
        try TLSContext(
            .client(
                certificatePath: "\(certificates)/\(Self.name).pem",
                keyPath: "\(certificates)/\(Self.name).key",
                authorityPath: "\(certificates)/ca.pem"
            )
        )
    }
}

/// Which server is loaded.
struct Target: ParsableArguments {
    @OptionGroup var certificates: Certificates

    @Option(help: "The server's port on 127.0.0.1.")
    var port: Int

    @Option(help: "The server's process on this machine, to tell what it uses.")
    var serverPid: Int32?

    @Option(help: "Event loops, one thread each.")
    var loops = 1

    @Flag(help: "Print one line of JSON.")
    var json = false

    /// Where servers listen: what is measured never leaves the machine.
    static let host = "127.0.0.1"

    func validate() throws {
        guard (1...1024).contains(loops) else { throw ValidationError("--loops takes 1 to 1024.") }
    }
}
