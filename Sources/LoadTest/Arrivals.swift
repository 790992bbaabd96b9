import ClientKit
import Foundation

/// When flows are to start, decided before the first one does.
///
/// The instants depend on the rates and the seed alone, never on how fast anything is answered:
/// that is what makes the load open. The same seed gives the same instants.
public struct Arrivals: Sequence, Sendable {
    /// How instants follow each other.
    public enum Pattern: String, Sendable, Codable, CaseIterable {
        /// At equal distances.
        case constant
        /// At random, independent of each other, as people come: bursts and gaps at the same mean.
        case poisson
    }

    /// A time of one rate.
    public struct Stage: Sendable, Equatable, Codable {
        /// Flows a second; 0 is a pause.
        public var rate: Double
        /// How long it lasts, in seconds.
        public var seconds: Double

        /// So many flows a second for so long.
        public init(rate: Double, duration: Duration) {
            self.rate = rate
            seconds = duration.inSeconds
        }
    }

    /// What follows what.
    public let stages: [Stage]
    /// How instants follow each other.
    public let pattern: Pattern
    /// What random instants are drawn from.
    public let seed: UInt64

    /// The instants of `stages`, one after the other.
    public init(stages: [Stage], pattern: Pattern, seed: UInt64) {
        self.stages = stages
        self.pattern = pattern
        self.seed = seed
    }

    /// How long all stages take.
    public var duration: Duration { .seconds(exactly: stages.reduce(0) { $0 + $1.seconds }) }

    /// How many starts are to be expected.
    public var expectedCount: Double { stages.reduce(0) { $0 + $1.seconds * $1.rate } }

    /// Starts at the first stage.
    public func makeIterator() -> Iterator { Iterator(self) }

    /// Walks through the instants.
    public struct Iterator: IteratorProtocol, Sendable {
        private let arrivals: Arrivals
        private var random: SeededGenerator
        private var stage = 0
        /// When the stage began and how far it is, in seconds since the beginning of all.
        private var stageStart = 0.0
        private var position = 0.0
        /// Starts of this stage so far; distances are counted, not summed, so that rounding does
        /// not pile up.
        private var count = 0.0

        init(_ arrivals: Arrivals) {
            self.arrivals = arrivals
            random = SeededGenerator(seed: arrivals.seed, stream: 0)
        }

        /// The next instant, as the time since the beginning; `nil` after the last stage.
        public mutating func next() -> Duration? {
            while stage < arrivals.stages.count {
                let current = arrivals.stages[stage]
                if current.rate > 0 {
                    switch arrivals.pattern {
                    case .constant: position = stageStart + count / current.rate
                    case .poisson: position -= log(1 - random.unit()) / current.rate
                    }
                    count += 1
                    if position < stageStart + current.seconds {
                        return .seconds(exactly: position)
                    }
                }
                stage += 1
                stageStart += current.seconds
                position = stageStart
                count = 0
            }
            return nil
        }
    }
}
