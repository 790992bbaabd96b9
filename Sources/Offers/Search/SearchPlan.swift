/// What a search asks of an offer's words: each group must be met by one of its alternatives.
struct SearchPlan: Sendable, Equatable {
    var groups: [Group] = []

    /// One word as typed, or several that name one thing, with whatever stands for the same.
    struct Group: Sendable, Equatable {
        /// As typed, for telling where it was found.
        var tokens: [String]
        var alternatives: [Alternative]
    }

    /// Terms that must all be there.
    struct Alternative: Sendable, Equatable {
        var terms: [Term]
    }

    /// What is looked up in the index.
    enum Term: Sendable, Equatable {
        case word([UInt8])
        /// Any word that begins so.
        case beginning([UInt8])
        /// The ROME code of a trade that has the name typed.
        case trade([UInt8])
    }
}
