import NIOCore
import Tracing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A method and what answers it, in one piece of memory that calls share.
final class BoundMethod: Sendable {
    let descriptor: MethodDescriptor
    let handler: RPCMethod.Handler
    /// Whether the handler passes calls on to another server.
    let isPassThrough: Bool
    /// The place in the table.
    let number: Int
    /// Whether calls wait when too many are at work.
    let isLimited: Bool
    /// Hears of the calls.
    let observer: CallObserver?
    /// Makes spans of the calls.
    let tracer: (any Tracer)?

    init(
        _ method: RPCMethod,
        number: Int,
        isLimited: Bool,
        observer: CallObserver?,
        tracer: (any Tracer)?
    ) {
        self.observer = observer
        self.tracer = tracer
        self.number = number
        self.isLimited = isLimited
        descriptor = method.descriptor
        handler = method.handler
        isPassThrough = method.isPassThrough
    }
}

/// The methods of a server, found by the bytes of a path.
struct MethodTable: Sendable {
    let methods: [BoundMethod]
    /// For each hash, the index of a method or -1; open addressing, at most half full.
    private let index: [Int32]
    private let services: Set<String>

    /// A table of `methods`; calls of unary ones wait when too many are at work, if `isLimited` is
    /// true for their service.
    ///
    /// - Precondition: no path comes twice.
    init(
        _ methods: [RPCMethod],
        isLimited: (String) -> Bool = { _ in false },
        observer: (MethodDescriptor) -> CallObserver? = { _ in nil },
        tracer: (any Tracer)? = nil
    ) {
        self.methods = methods.enumerated().map { number, method in
            BoundMethod(
                method,
                number: number,
                isLimited: method.descriptor.kind == .unary
                    && isLimited(method.descriptor.service),
                observer: observer(method.descriptor),
                tracer: tracer
            )
        }
        services = Set(methods.map(\.descriptor.service))
        var size = 8
        while size < methods.count * 2 { size *= 2 }
        var index = [Int32](repeating: -1, count: size)
        for (number, method) in methods.enumerated() {
            var path = method.descriptor.path
            var place = path.withUTF8 { Self.hash(UnsafeRawBufferPointer($0)) } & (size - 1)
            while index[place] >= 0 {
                precondition(
                    methods[Int(index[place])].descriptor.path != method.descriptor.path,
                    "\(method.descriptor.path) is served twice"
                )
                place = (place + 1) & (size - 1)
            }
            index[place] = Int32(number)
        }
        self.index = index
    }

    /// The method that a call asks for.
    func method(of head: RequestHead) -> BoundMethod? {
        head.header.withUnsafeReadableBytes { header in
            let bytes = UnsafeRawBufferPointer(rebasing: header[head.pathRange])
            var place = Self.hash(bytes) & (index.count - 1)
            while index[place] >= 0 {
                let method = methods[Int(index[place])]
                if method.hasPath(bytes) { return method }
                place = (place + 1) & (index.count - 1)
            }
            return nil
        }
    }

    /// The error for a path that is not in the table.
    func unknown(_ path: ByteBuffer) -> RPCError {
        let text = String(buffer: path)
        // The text comes from the peer and goes back to it; no more than a screen line of it.
        let shown = text.prefix(200)
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let sentence =
            if parts.count == 2, services.contains(String(parts[0])) {
                "Unknown method: \(shown) is not in the service."
            } else {
                "Unknown service: this server has nothing at \(shown)."
            }
        return RPCError(.unimplemented, sentence, isNotProcessed: true)
    }

    /// As FNV-1a, but eight bytes at once; the paths are the server's own, so nobody can choose them
    /// to collide.
    private static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var index = 0
        while index + 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            hash = (hash ^ word) &* 0x100_0000_01b3
            hash ^= hash >> 32
            index += 8
        }
        for byte in bytes[index...] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return Int(truncatingIfNeeded: hash ^ (hash >> 32))
    }
}

extension BoundMethod {
    /// Whether `bytes` are the method's path.
    fileprivate func hasPath(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let path = descriptor.path.utf8
        return path.withContiguousStorageIfAvailable { path in
            guard let start = path.baseAddress, let other = bytes.baseAddress else { return false }
            return path.count == bytes.count && memcmp(start, other, path.count) == 0
        } ?? path.elementsEqual(bytes)
    }
}
