import CProtobufC

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The memory of one decoding or encoding: handed out in order, given back all at once.
///
/// protobuf-c has no bounds of its own: a few kilobytes of nested merges make it allocate
/// gigabytes. Its allocator is therefore an arena with a budget, which answers NULL when the budget
/// is spent; protobuf-c then gives up cleanly.
///
/// The arena lives on the stack of `withArena` and never leaves it, nor does memory taken from it.
struct Arena {
    /// What the decoding of `count` bytes may take: 16 times as much, and 64 KiB.
    ///
    /// protobuf-c's structs are up to some 10 times the size of what they are decoded from; the
    /// constant keeps tiny messages with large structs clear of the bound.
    static func budget(decoding count: Int) -> Int {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 16)
        return overflow ? Int.max : bytes + 64 * 1024
    }

    /// What most messages need, so that they need no `malloc` at all; small enough for any stack.
    private static let firstSlabBytes = 1024
    /// Size of the second slab; each one after it is twice as large as the one before.
    private static let slabBytesMin = 4096
    /// Growth stops here.
    private static let slabBytesMax = 1 << 20
    /// Room for the size before each allocation.
    ///
    /// Keeps everything aligned to 8, which is all that generated structs ask for.
    private static let prefixBytes = 8

    /// Whether an allocation was refused for the budget.
    private(set) var isExhausted = false
    private var next: UnsafeMutableRawPointer
    private var end: UnsafeMutableRawPointer
    private var budget: Int
    private var slabBytes = Arena.slabBytesMin
    /// The slab got last; its first word points to the one before it.
    private var slabs: UnsafeMutableRawPointer?

    private init(
        _ first: UnsafeMutableRawBufferPointer,
        _ base: UnsafeMutableRawPointer,
        _ budget: Int
    ) {
        next = base
        end = base + first.count
        self.budget = budget
    }

    /// Runs `body` with an empty arena and then gives back all its memory.
    static func withArena<Failure: Error>(
        budget: Int,
        _ body: (UnsafeMutablePointer<Arena>) throws(Failure) -> Void
    ) throws(Failure) {
        // The standard library's `rethrows` loses the error's type: it comes out as a value.
        let failure = withUnsafeTemporaryAllocation(
            byteCount: firstSlabBytes,
            alignment: prefixBytes
        ) { first -> Failure? in
            guard let base = first.baseAddress else {
                preconditionFailure("a temporary allocation of fixed size has an address")
            }
            var arena = Arena(first, base, budget)
            defer { arena.freeSlabs() }
            do throws(Failure) {
                try withUnsafeMutablePointer(to: &arena) { pointer throws(Failure) in
                    try body(pointer)
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }

    /// `count` bytes, aligned to 8, or `nil` if the budget or the machine's memory is spent.
    mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer? {
        // No message comes near this; it keeps the sums below from overflowing.
        guard count >= 0, count < 1 << 40 else { return nil }
        let padded = Arena.prefixBytes + (count + 7) & ~7
        guard padded <= budget else {
            isExhausted = true
            return nil
        }
        if end - next < padded {
            guard addSlab(holding: padded) else { return nil }
        }
        budget -= padded
        next.storeBytes(of: count, as: Int.self)
        let memory = next + Arena.prefixBytes
        next += padded
        return memory
    }

    /// The size that was asked for when `memory` was allocated.
    ///
    /// - Precondition: `memory` came from an arena.
    static func size(of memory: UnsafeRawPointer) -> Int {
        (memory - prefixBytes).load(as: Int.self)
    }

    private mutating func addSlab(holding count: Int) -> Bool {
        let bytes = max(slabBytes, count + Arena.prefixBytes)
        guard let slab = malloc(bytes) else { return false }
        slab.storeBytes(of: slabs, as: UnsafeMutableRawPointer?.self)
        slabs = slab
        next = slab + Arena.prefixBytes
        end = slab + bytes
        slabBytes = min(slabBytes * 2, Arena.slabBytesMax)
        return true
    }

    private mutating func freeSlabs() {
        while let slab = slabs {
            slabs = slab.load(as: UnsafeMutableRawPointer?.self)
            free(slab)
        }
    }
}

extension ProtobufCAllocator {
    /// An allocator for protobuf-c that takes from `arena` and frees nothing.
    init(_ arena: UnsafeMutablePointer<Arena>) {
        self.init(
            alloc: { arena, count in
                arena?.assumingMemoryBound(to: Arena.self).pointee.allocate(count)
            },
            free: { _, _ in },
            allocator_data: UnsafeMutableRawPointer(arena)
        )
    }
}
