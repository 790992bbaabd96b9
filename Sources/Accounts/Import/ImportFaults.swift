import Contracts
import RPC

/// What is wrong with a file, as far as one answer can tell.
struct ImportFaults: Sendable {
    private var faults: [ImportFault] = []
    private var bytes = 0
    /// Whether more faults would go untold.
    private(set) var isFull = false

    /// Whether nothing is wrong.
    var isEmpty: Bool { faults.isEmpty }

    /// Notes a bad line; `field` is empty if the whole line is at fault.
    mutating func add(line: Int, field: String = "", _ mend: String) {
        // The detail's type, its tags and lengths come to less than 60 bytes.
        let size = ImportFault.fullName.utf8.count + field.utf8.count + mend.utf8.count + 26
        guard faults.count < Limits.importFaultsMax, bytes + size <= Limits.importFaultBytesMax
        else {
            isFull = true
            return
        }
        bytes += size
        faults.append(ImportFault(line: UInt32(clamping: line), field: field, mend: mend))
    }

    /// Refuses the file if anything is wrong with it.
    ///
    /// - Throws: INVALID_ARGUMENT whose sentence names the first bad line and whose details are the
    ///   faults by line.
    func check() throws {
        // Stable: faults of one line stay in the order in which they were found.
        let sorted = faults.enumerated()
            .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
            .map(\.element)
        guard let first = sorted.first else { return }
        let place =
            first.field.isEmpty ? "Line \(first.line)" : "Line \(first.line): \(first.field)"
        let count =
            isFull
            ? "More than \(sorted.count) faults"
            : sorted.count == 1 ? "1 fault" : "\(sorted.count) faults"
        throw RPCError(
            .invalidArgument,
            "\(place) \(first.mend). \(count); nothing was stored.",
            details: try sorted.map { fault in
                RPCError.Detail(type: ImportFault.fullName, value: try fault.serializedBytes())
            }
        )
    }
}
