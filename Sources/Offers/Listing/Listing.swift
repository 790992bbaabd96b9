/// What a complete file of a source held, to tell what it lacks.
struct Listing: Sendable {
    /// Hashes of the offers' ids, in the order of the file.
    private var seen: [UInt64] = []
    /// Why nothing may be closed by this file; `nil` if all of it was read.
    private(set) var fault: String?

    /// Notes an offer of the file, also one that was refused: the source has it.
    mutating func note(_ id: String) {
        guard seen.count < OfferLimits.listingMax else {
            return spoil("The file has more than \(OfferLimits.listingMax) offers.")
        }
        seen.append(Self.hash(id))
    }

    /// Says why the file does not tell what the source lacks.
    mutating func spoil(_ reason: String) {
        if fault == nil { fault = reason }
    }

    /// What the file held, to ask many times.
    consuming func sealed() -> Sealed {
        seen.sort()
        return Sealed(hashes: seen)
    }

    /// The ids of a file, for look-ups.
    struct Sealed: Sendable {
        fileprivate let hashes: [UInt64]

        /// Whether the file held an id: never wrong if it did.
        func holds(_ id: String) -> Bool {
            let wanted = Listing.hash(id)
            var low = 0
            var high = hashes.count
            while low < high {
                let middle = (low + high) / 2
                if hashes[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            return low < hashes.count && hashes[low] == wanted
        }
    }

    private static func hash(_ id: String) -> UInt64 {
        var fingerprint = Fingerprint()
        fingerprint.add(id)
        return fingerprint.value
    }
}
