public import RPC

/// Where a page ends, as text that callers hand back unread.
public enum Cursor {
    // Unit separator: cannot stand in ids, numbers or dates, the only parts that cursors hold.
    private static let separator: Character = "\u{1F}"

    /// Packs the keys of a page's last row, in the order of the listing.
    public static func encode(_ parts: [String]) -> String {
        Base64URL.text(Array(parts.joined(separator: String(separator)).utf8))
    }

    /// Unpacks what `encode` packed.
    ///
    /// - Throws: INVALID_ARGUMENT naming `cursor` for anything else.
    public static func decode(_ text: String, count: Int) throws(RPCError) -> [String] {
        guard let bytes = Base64URL.bytes(text),
            let joined = String(validating: bytes, as: UTF8.self)
        else { throw fault }
        let parts = joined.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == count else { throw fault }
        return parts.map(String.init)
    }

    /// The error for a cursor that did not come from the listing it is used on.
    public static let fault = RPCError.badField(
        "cursor",
        "must be the `next` of an earlier page of the same listing, or empty"
    )
}
