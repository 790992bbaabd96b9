import Logging
import NIOPosix
import ServiceLifecycle
import TLS

/// The files by which a process proves who it is and knows the others.
struct Certificates {
    private let certificate: String
    private let key: String
    private let authority: String

    init(_ settings: Settings) {
        let directory = settings.certificateDirectory
        certificate = "\(directory)/\(settings.service).pem"
        key = "\(directory)/\(settings.service).key"
        authority = "\(directory)/ca.pem"
    }

    func server(requiresPeerCertificate: Bool) async throws -> TLSSource {
        try await source(
            .server(
                certificatePath: certificate,
                keyPath: key,
                authorityPath: authority,
                requiresPeerCertificate: requiresPeerCertificate
            )
        )
    }

    func client() async throws -> TLSSource {
        try await source(
            .client(certificatePath: certificate, keyPath: key, authorityPath: authority)
        )
    }

    /// A certificate and its key are two files: who starts between the replacement of the one and
    /// of the other looks again when both are there.
    private func source(_ settings: TLSSettings) async throws -> TLSSource {
        do {
            return try TLSSource(settings)
        } catch TLSError.keyMismatch {
            try await Task.sleep(for: Self.replacement)
            return try TLSSource(settings)
        }
    }

    /// Far longer than two files take to be moved into place.
    private static let replacement = Duration.seconds(1)
}

/// Takes up certificates when their files change; connections already open keep theirs.
struct CertificateWatch: Service {
    let sources: [TLSSource]
    let logger: Logger

    /// Soon enough for whoever replaces certificates and watches; cheap: a few file attributes.
    private static let interval = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: Self.interval)
                await look()
            }
        }
    }

    private func look() async {
        for source in sources {
            // Reading files may wait for the disk: not on an event loop.
            let reload = try? await NIOThreadPool.singleton.runIfActive { source.reloadIfChanged() }
            switch reload {
            case .reloaded:
                logger.notice("New certificates are in use for new connections.")
            case .refused(let error):
                logger.error("New certificates cannot be used; the old ones stay.", error: error)
            case .unchanged, nil:
                break
            }
        }
    }
}
