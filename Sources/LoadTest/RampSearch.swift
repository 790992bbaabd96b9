/// Finds the highest rate that keeps an objective: doubles until it is not kept, halves the distance
/// until that is small, then confirms.
///
/// A value that decides what to measure next; measuring is its owner's.
public struct RampSearch: Sendable {
    /// What to do next.
    public enum Move: Sendable, Equatable {
        /// Measure a rate; a confirmation for longer.
        case measure(rate: Double, isConfirmation: Bool)
        /// The search has ended with the highest rate that was kept and confirmed; `nil`: none was.
        case end(rate: Double?)
    }

    /// What to do next.
    public private(set) var move: Move

    /// The highest rate kept and the lowest not kept so far.
    private var kept: Double?
    private var notKept: Double?
    private var confirmationsLeft = Self.confirmations
    private var steps = 0
    private let start: Double
    private let rateMax: Double

    /// How close kept and not kept must come: more would be noise.
    private static let precision = 1.05
    /// How often the found rate must be kept again.
    private static let confirmations = 2
    /// How far a rate that could not be confirmed is lowered.
    private static let retreat = 0.95
    /// Below this part of the first rate nothing is looked for.
    private static let floor = 1.0 / 256

    /// A search that begins at `start` and goes no higher than `rateMax`, in flows a second.
    public init(start: Double, rateMax: Double = Limits.rateMax) {
        self.start = start
        self.rateMax = rateMax
        move = .measure(rate: start, isConfirmation: false)
    }

    /// Notes whether the rate of `move` kept the objective, and decides the next move.
    ///
    /// - Parameter isKept: Whether it did.
    public mutating func note(isKept: Bool) {
        guard case .measure(let rate, let isConfirmation) = move else { return }
        steps += 1
        if isConfirmation {
            noteConfirmation(rate, isKept)
        } else {
            if isKept { kept = rate } else { notKept = rate }
            move = nextRate(after: rate)
        }
        if steps >= Limits.rampStepsMax, case .measure = move {
            // Only what was confirmed counts.
            move = .end(rate: nil)
        }
    }

    private func nextRate(after rate: Double) -> Move {
        switch (kept, notKept) {
        case (.some(let low), .some(let high)) where high / low > Self.precision:
            .measure(rate: (low * high).squareRoot(), isConfirmation: false)
        case (.some(let low), .some):
            .measure(rate: low, isConfirmation: true)
        case (.some(let low), .none):
            low >= rateMax
                ? .measure(rate: low, isConfirmation: true)
                : .measure(rate: min(low * 2, rateMax), isConfirmation: false)
        case (.none, .some(let high)):
            high <= start * Self.floor
                ? .end(rate: nil) : .measure(rate: high / 2, isConfirmation: false)
        case (.none, .none):
            .measure(rate: rate, isConfirmation: false)
        }
    }

    private mutating func noteConfirmation(_ rate: Double, _ isKept: Bool) {
        guard isKept else {
            confirmationsLeft = Self.confirmations
            let lower = rate * Self.retreat
            move =
                lower <= start * Self.floor
                ? .end(rate: nil) : .measure(rate: lower, isConfirmation: true)
            return
        }
        confirmationsLeft -= 1
        move = confirmationsLeft > 0 ? .measure(rate: rate, isConfirmation: true) : .end(rate: rate)
    }
}
