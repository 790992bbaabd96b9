import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCProtobuf
import NIOPosix
import SwiftProtobuf

// Serves pass.rpc.v1.Echo/Unary with grpc-swift-2 over TLS.
//
//   echo-grpc-swift CERTIFICATES
//
// CERTIFICATES is the directory of `deploy/certs DIR bench`. Prints its port once it listens. Ends
// after an hour, so that none is left running.

/// `BytesValue` is on the wire what an `EchoMessage` with a body alone is, and comes generated.
typealias Message = Google_Protobuf_BytesValue

struct Echo: RegistrableRPCService {
    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: "pass.rpc.v1.Echo", method: "Unary"),
            deserializer: ProtobufDeserializer<Message>(),
            serializer: ProtobufSerializer<Message>()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse(single: ServerResponse(message: request.message))
        }
    }
}

guard CommandLine.arguments.count > 1 else {
    FileHandle.standardError.write(Data("usage: echo-grpc-swift CERTIFICATES\n".utf8))
    exit(2)
}
let directory = CommandLine.arguments[1]
alarm(3600)
let transport = HTTP2ServerTransport.Posix(
    address: .ipv4(host: "127.0.0.1", port: 0),
    transportSecurity: .tls(
        certificateChain: [.file(path: "\(directory)/bench.pem", format: .pem)],
        privateKey: .file(path: "\(directory)/bench.key", format: .pem)
    ),
    eventLoopGroup: MultiThreadedEventLoopGroup(numberOfThreads: 1)
)
let server = GRPCServer(transport: transport, services: [Echo()])
try await withThrowingTaskGroup(of: Void.self) { tasks in
    tasks.addTask { try await server.serve() }
    let port = try await transport.listeningAddress.ipv4?.port ?? 0
    FileHandle.standardOutput.write(Data("\(port)\n".utf8))
    try await tasks.waitForAll()
}
