import NIOCore

/// Tells tools what this server offers.
struct ReflectionService: ReflectionServer {
    private let files: [UInt8]

    /// Describes `services`, and itself.
    init(describing services: [ServiceDescriptor]) {
        var seen: Set<[UInt8]> = []
        var set: [UInt8] = []
        for file in (services + [Self.descriptor]).flatMap(\.files)
        where seen.insert(file).inserted {
            // A FileDescriptorSet is nothing but its files, each as field 1 with its length before.
            set.append(0x0a)
            var length = ByteBuffer()
            length.writeVarint(UInt64(file.count))
            set.append(contentsOf: length.readableBytesView)
            set.append(contentsOf: file)
        }
        files = set
    }

    func describe(_ request: DescribeRequest, _ call: CallContext) async throws -> DescribeResponse
    {
        DescribeResponse(fileDescriptorSet: files)
    }
}
