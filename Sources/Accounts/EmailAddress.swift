/// What counts as an e-mail address here, and when two are the same.
///
/// Narrower than the RFCs on purpose: one unquoted ASCII local part at a domain with a dot, which
/// is what mail providers hand out. Whether it receives mail only a mail can tell.
enum EmailAddress {
    /// The form in which addresses are compared: letter case aside.
    static func key(_ text: String) -> String { text.lowercased() }

    /// Whether `text` is an address.
    static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= Limits.emailBytesMax else { return false }
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        return parts.count == 2 && isLocalPart(parts[0]) && isDomain(parts[1])
    }

    private static func isLocalPart(_ part: Substring.UTF8View) -> Bool {
        let dot = UInt8(ascii: ".")
        return (1...Limits.emailLocalBytesMax).contains(part.count)
            && part.first != dot && part.last != dot
            && part.allSatisfy { isAlphanumeric($0) || punctuation.contains($0) }
            && !zip(part, part.dropFirst()).contains { $0 == dot && $1 == dot }
    }

    private static func isDomain(_ domain: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                    && label.allSatisfy { isAlphanumeric($0) || $0 == hyphen }
            }
    }

    // The special characters of an RFC 5322 atom, and the dot.
    private static let punctuation = Set("!#$%&'*+-/=?^_`{|}~.".utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        default: false
        }
    }
}
