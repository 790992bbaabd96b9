import RPC
import ServiceKit

// Serves `pass.rpc.v1.Echo` to benchmarks and conformance clients, which need no certificate.
await ServiceProcess.runWithoutDatabase("rpc-echo", requiresPeerCertificate: false) { _ in
    ServiceParts(services: [EchoService()])
}
