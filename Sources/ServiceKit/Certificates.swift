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

    func server(requiresPeerCertificate: Bool) throws(TLSError) -> TLSSource {
        try TLSSource(
            .server(
                certificatePath: certificate,
                keyPath: key,
                authorityPath: authority,
                requiresPeerCertificate: requiresPeerCertificate
            )
        )
    }

    func client() throws(TLSError) -> TLSSource {
        try TLSSource(
            .client(certificatePath: certificate, keyPath: key, authorityPath: authority)
        )
    }
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
