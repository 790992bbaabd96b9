import CDescriptor
import CProtobufC

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What protoc asks for.
struct PluginRequest {
    let parameter: String
    /// All files protoc read, imports before importers.
    let files: [FileSchema]
    /// The files to generate for, by path.
    let targets: [FileSchema]

    init(_ bytes: [UInt8]) throws(PluginError) {
        let decoded = google__protobuf__compiler__code_generator_request__unpack(
            nil,
            bytes.count,
            bytes
        )
        // Never freed: the process ends with its answer.
        guard let request = decoded?.pointee else {
            throw PluginError("standard input is not a CodeGeneratorRequest; run this from protoc")
        }
        parameter = text(request.parameter)
        let pointers = UnsafeBufferPointer(start: request.proto_file, count: request.n_proto_file)
        files = pointers.compactMap { $0 }.map { file in
            // The reader copies comments and lines before the bytes are pruned.
            let reader = SchemaReader(file)
            return reader.schema(bytes: embeddedBytes(file))
        }
        let wanted = Set(texts(request.n_file_to_generate, request.file_to_generate))
        targets = files.filter { wanted.contains($0.path) }.sorted { $0.path < $1.path }
    }
}

/// A file of the answer.
struct GeneratedFile {
    /// Relative to protoc's output directory.
    let name: String
    let content: String
}

/// What protoc gets.
enum PluginResponse {
    case files([GeneratedFile])
    /// Why nothing was generated.
    case refusal(String)

    /// The serialised CodeGeneratorResponse.
    ///
    /// Written by hand, as strings and two levels of messages are all there is to it.
    func serialised() -> [UInt8] {
        switch self {
        case .refusal(let reason):
            return Self.field(1, Array(reason.utf8))
        case .files(let files):
            // supported_features: FEATURE_PROTO3_OPTIONAL, so that the refusal is ours to word.
            var bytes: [UInt8] = [2 << 3, 1]
            for file in files {
                let name = Self.field(1, Array(file.name.utf8))
                let content = Self.field(15, Array(file.content.utf8))
                bytes += Self.field(15, name + content)
            }
            return bytes
        }
    }

    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes = [number << 3 | 2]
        var count = content.count
        while count >= 0x80 {
            bytes.append(UInt8(count & 0x7f) | 0x80)
            count >>= 7
        }
        bytes.append(UInt8(count))
        return bytes + content
    }
}

/// All of standard input.
func readStandardInput() throws(PluginError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(STDIN_FILENO, &chunk, chunk.count)
        if count == 0 { return bytes }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw PluginError("standard input cannot be read") }
        bytes += chunk[..<count]
    }
}

/// Writes all of `bytes`; gives up silently if nobody reads, as protoc has then ended.
func writeStandardOutput(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}
