import Gateway
import ServiceKit

// Callers are authenticated by the door itself: they show a session, not a certificate.
await ServiceProcess.runWithoutDatabase(
    "gateway",
    requiresPeerCertificate: false,
    build: GatewayProcess.parts
)
