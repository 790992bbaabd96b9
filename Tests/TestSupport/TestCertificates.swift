import Foundation
public import TLS

/// An authority and certificates that last as long as this object, in a directory of their own.
///
/// `deploy/certs` makes them, so that tests use certificates like those of a development machine.
public final class TestCertificates: Sendable {
    /// Where the files are.
    public let directory: String

    /// The same certificates for every test of this process that changes none: all services, and
    /// `echo`.
    public static func shared() throws -> TestCertificates { try sharedOutcome.get() }

    private static let sharedOutcome = Result {
        let made = try TestCertificates([
            "accounts", "messaging", "agenda", "actions", "offers", "gateway", "echo",
        ])
        // Nothing ends a static constant.
        atexit { try? TestCertificates.shared().remove() }
        return made
    }

    /// Makes a new authority and a certificate for each of `names`.
    public init(_ names: [String]) throws {
        let parent = FileManager.default.temporaryDirectory
        directory = parent.appendingPathComponent("pass-certificates-\(UUID().uuidString)").path
        try make(names)
    }

    deinit { remove() }

    private func remove() { try? FileManager.default.removeItem(atPath: directory) }

    /// The authority's certificate.
    public var authorityPath: String { directory + "/ca.pem" }

    /// The certificate of `name`.
    public func certificatePath(_ name: String) -> String { "\(directory)/\(name).pem" }

    /// The key of `name`'s certificate.
    public func keyPath(_ name: String) -> String { "\(directory)/\(name).key" }

    /// Makes the certificates of `names`, also those that exist if `renew` is set.
    public func make(_ names: [String], renew: Bool = false) throws {
        // Tests/TestSupport/TestCertificates.swift → the repository.
        let repository = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        try Self.run(
            repository.appendingPathComponent("deploy/certs").path,
            (renew ? ["--renew"] : []) + [directory] + names
        )
    }

    /// Runs a command and waits for its end.
    ///
    /// - Throws: `CommandFailure` if it does not exit with 0.
    public static func run(_ path: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CommandFailure(command: ([path] + arguments).joined(separator: " "))
        }
    }

    /// A command that a test needs did not succeed; it said why on standard error.
    public struct CommandFailure: Error {
        /// The command line.
        public let command: String
    }

    /// Settings of a server that shows the certificate of `name`.
    public func serverSettings(_ name: String, requiresPeerCertificate: Bool = true) -> TLSSettings
    {
        .server(
            certificatePath: certificatePath(name),
            keyPath: keyPath(name),
            authorityPath: authorityPath,
            requiresPeerCertificate: requiresPeerCertificate
        )
    }

    /// Settings of a client that shows the certificate of `name`, or none.
    public func clientSettings(_ name: String?) -> TLSSettings {
        .client(
            certificatePath: name.map { certificatePath($0) },
            keyPath: name.map { keyPath($0) },
            authorityPath: authorityPath
        )
    }

    /// A server's source, as `TLSServer` takes it.
    public func server(_ name: String, requiresPeerCertificate: Bool = true) throws -> TLSSource {
        try TLSSource(serverSettings(name, requiresPeerCertificate: requiresPeerCertificate))
    }

    /// A client's source, as `TLSClient` takes it.
    public func client(_ name: String?) throws -> TLSSource {
        try TLSSource(clientSettings(name))
    }
}
