/// Why bytes or JSON are not the message they should be.
///
/// Nothing here says whose fault it is: a server answers INVALID_ARGUMENT for a request that does
/// not decode, a client INTERNAL for such a response.
public struct DecodingFault: Error, Sendable, Equatable {
    /// The field's path, `assignments[2].young_person_id`; empty where only the whole is known.
    public var field: String
    /// What would be right, as the end of a sentence: `must be valid UTF-8`.
    public var mend: String

    /// Names a field and what would be right.
    public init(field: String = "", mend: String) {
        self.field = field
        self.mend = mend
    }

    /// The same fault seen from the message that holds the faulty one in `outer`.
    func inside(_ outer: String) -> DecodingFault {
        DecodingFault(field: field.isEmpty ? outer : "\(outer).\(field)", mend: mend)
    }
}

extension DecodingFault: CustomStringConvertible {
    /// One sentence, for example `text must be valid UTF-8`.
    public var description: String { "\(field.isEmpty ? "The message" : field) \(mend)." }
}

/// Why a message cannot be written down.
public struct EncodingFault: Error, Sendable, Equatable {
    /// The field's path.
    public var field: String
    /// What would be right, as the end of a sentence.
    public var mend: String

    /// Names a field and what would be right.
    public init(field: String = "", mend: String) {
        self.field = field
        self.mend = mend
    }

    /// The same fault seen from the message that holds the faulty one in `outer`.
    func inside(_ outer: String) -> EncodingFault {
        EncodingFault(field: field.isEmpty ? outer : "\(outer).\(field)", mend: mend)
    }
}

extension EncodingFault: CustomStringConvertible {
    /// One sentence, for example `text must not contain NUL`.
    public var description: String { "\(field.isEmpty ? "The message" : field) \(mend)." }
}
