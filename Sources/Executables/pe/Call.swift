import ArgumentParser
import ClientKit
import Foundation
import NIOCore
import RPC

extension PassEmploi {
    /// The command `pe call`.
    struct Call: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Calls a method with JSON.",
            discussion: """
                Answers go to standard output as JSON, one line per message. Methods that take a \
                stream read one JSON message a line.
                What people may call goes through the gateway with the session of `pe sign-in`; \
                what only operators may goes to the service, with the operator's certificate.
                """
        )

        @Argument(help: "Service/Method, for example Agenda/ListAppointments.")
        var method: String

        @Option(
            name: [.customShort("d"), .long],
            help: "JSON, or @FILE, or @- for standard input."
        )
        var data = "{}"

        @Option(help: "Seconds to wait at most; by default the method's own.")
        var maxTime: Double?

        @Option(name: [.customShort("H"), .long], help: "Metadata, key:value; may be repeated.")
        var header: [String] = []

        @Option(help: "gateway, a service's name, or host:port.")
        var to: String?

        func run() async throws {
            let descriptor = try MethodLookup.method(method)
            let options = try callOptions()
            let requests = try messages(descriptor)
            try await Deployment().withClient(of: to ?? MethodLookup.target(of: descriptor)) {
                client in
                if descriptor.kind == .unary {
                    let answer = try await client.rawUnary(
                        descriptor,
                        requests[0],
                        options: options
                    )
                    try show(answer, descriptor)
                    return
                }
                let first = descriptor.kind.clientStreams ? nil : requests[0]
                try await client.rawStream(descriptor, first: first, options: options) {
                    writer,
                    answers in
                    if first == nil {
                        for request in requests { try await writer.write(request) }
                        writer.finish()
                    }
                    for try await answer in answers { try show(answer, descriptor) }
                }
            }
        }

        private func callOptions() throws -> CallOptions {
            var options = CallOptions(waitsForConnection: false)
            if let maxTime {
                guard maxTime > 0, maxTime < 1e9 else {
                    throw Failure.Message(
                        "--max-time must be a number of seconds above 0.",
                        code: 2
                    )
                }
                options.timeout = .milliseconds(Int64(maxTime * 1_000))
            }
            for text in header {
                guard let colon = text.firstIndex(of: ":") else {
                    throw Failure.Message("-H takes key:value, not \"\(text)\".", code: 2)
                }
                let value = text[text.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                options.metadata.add(text[..<colon].lowercased(), value)
            }
            if options.metadata["authorization"] == nil, let token = SessionFile().token() {
                options.metadata.add("authorization", "Bearer \(token)")
            }
            return options
        }

        /// The request messages: one, or for methods that take a stream one per line.
        private func messages(_ descriptor: MethodDescriptor) throws -> [ByteBuffer] {
            let text = try input()
            let parts =
                descriptor.kind.clientStreams
                ? text.split(separator: "\n").map(String.init).filter {
                    !$0.allSatisfy(\.isWhitespace)
                }
                : [text]
            return try parts.map { part in
                do {
                    let message = try descriptor.request.init(jsonString: part)
                    return ByteBuffer(bytes: try message.serializedBytes())
                } catch {
                    throw RPCError(.invalidArgument, "\(error)", isNotProcessed: true)
                }
            }
        }

        private func input() throws -> String {
            guard data.hasPrefix("@") else { return data }
            let name = String(data.dropFirst())
            let bytes =
                name == "-"
                ? try FileHandle.standardInput.readToEnd() ?? Data()
                : FileManager.default.contents(atPath: name)
            guard let bytes else { throw Failure.Message("There is no readable file \(name).") }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Failure.Message("\(name) is not UTF-8.")
            }
            return text
        }

        private func show(_ payload: ByteBuffer, _ descriptor: MethodDescriptor) throws {
            let message = try descriptor.response.init(
                serializedBytes: Array(payload.readableBytesView)
            )
            // Unbuffered: whoever reads a stream wants each message as it comes.
            print(try message.jsonString())
            fflush(nil)
        }
    }
}
