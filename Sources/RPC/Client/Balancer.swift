import NIOCore

/// Chooses the endpoint for each call of one event loop: of two taken at random the one with less
/// load, and of those that fail again and again none but to probe them.
///
/// It knows endpoints by their place in the list that the driver keeps, and touches no connection.
struct Balancer {
    /// What an endpoint could do for a call now.
    enum Readiness {
        /// Nothing.
        case none
        /// Take it, but this call has been there before.
        case tried
        case ready
    }

    private(set) var loads: [EndpointLoad] = []
    private var random: SplitMix

    /// A balancer without endpoints; the same seed chooses alike.
    init(seed: UInt64) {
        random = SplitMix(state: seed)
    }

    /// An endpoint comes last in the list.
    mutating func append() {
        loads.append(EndpointLoad())
    }

    /// The endpoint at `index` has left the list.
    mutating func remove(at index: Int) {
        loads.remove(at: index)
    }

    /// The endpoint for a call, or `nil` if none could take it.
    ///
    /// `readiness` says what the endpoint at a place could do for the call.
    mutating func pick(at now: NIODeadline, _ readiness: (Int) -> Readiness) -> Int? {
        var best = Rank.last
        var seen = 0
        var first = 0
        var second = 0
        for index in loads.indices {
            guard let rank = rank(index, readiness(index), now) else { continue }
            // A probe that is due is what brings an endpoint back.
            if rank == .probe { return index }
            if rank < best || seen == 0 {
                best = rank
                seen = 0
            }
            guard rank == best else { continue }
            seen += 1
            // Keeps two of those seen so far, each with the same chance.
            switch seen {
            case 1: first = index
            case 2: second = index
            default:
                switch Int.random(in: 0..<seen, using: &random) {
                case 0: first = index
                case 1: second = index
                default: break
                }
            }
        }
        switch seen {
        case 0: return nil
        case 1: return first
        default:
            let difference = loads[first].load(at: now) - loads[second].load(at: now)
            if difference == 0 { return Bool.random(using: &random) ? first : second }
            return difference < 0 ? first : second
        }
    }

    /// A call begins at an endpoint.
    mutating func begin(_ index: Int, isStream: Bool, at now: NIODeadline) {
        loads[index].begin(isStream: isStream, at: now)
    }

    /// The first message of a stream came from an endpoint.
    mutating func showLife(_ index: Int) {
        loads[index].showLife()
    }

    /// A call has ended at an endpoint.
    mutating func end(
        _ index: Int,
        isStream: Bool,
        _ outcome: EndpointLoad.Outcome,
        at now: NIODeadline
    ) {
        loads[index].end(isStream: isStream, outcome, at: now)
        guard case .failed = outcome else { return }
        let hasOthers = loads.indices.contains { $0 != index && !loads[$0].isSetAside }
        loads[index].setAsideIfIll(hasOthers: hasOthers, at: now)
    }

    /// The order in which endpoints are considered.
    private enum Rank: Int, Comparable {
        case probe
        case well
        case tried
        case last

        static func < (one: Rank, other: Rank) -> Bool { one.rawValue < other.rawValue }
    }

    private func rank(_ index: Int, _ readiness: Readiness, _ now: NIODeadline) -> Rank? {
        if readiness == .none { return nil }
        // What is set aside still beats nothing.
        if loads[index].isSetAside {
            return readiness == .ready && loads[index].isProbeDue(at: now) ? .probe : .last
        }
        switch readiness {
        case .none: return nil
        case .tried: return .tried
        case .ready: return .well
        }
    }
}

/// Random numbers that are cheap to make: SplitMix64.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(state: UInt64) {
        self.state = state
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
