import Synchronization

/// The terms of titles and trades, to guess what a mistyped word was meant to be.
final class Vocabulary: Sendable {
    fileprivate struct Entry {
        let term: [UInt8]
        var count: Int
    }

    fileprivate struct State {
        /// Entries by the first byte of their term.
        var entries: [UInt8: [Entry]] = [:]
        var places: [[UInt8]: Int] = [:]
    }

    private let state = Mutex(State())

    /// Terms below this length are too short to tell a mistake from another word.
    private static let lettersMin = 4
    /// From this length on, two mistakes are forgiven.
    private static let lettersForTwo = 8
    private static let guessesMax = 3

    /// How many mistakes are forgiven in a word.
    static func mistakesMax(_ word: [UInt8]) -> Int {
        if word.count < lettersMin { return 0 }
        return word.count >= lettersForTwo ? 2 : 1
    }

    /// Counts the terms of a segment.
    ///
    /// What goes from the index is not subtracted: a count only ranks guesses.
    func add(_ segment: Segment) {
        state.withLock { state in
            for index in 0..<segment.termCount {
                let count = segment.counts(index).strong
                guard count > 0 else { continue }
                state.add(Array(segment.term(index)), count)
            }
        }
    }

    /// The terms nearest to `word`, the nearest and most frequent first; none if nothing is near.
    func guesses(_ word: [UInt8]) -> [[UInt8]] {
        let mistakesMax = Self.mistakesMax(word)
        guard mistakesMax > 0, let first = word.first else { return [] }
        let near = state.withLock { state in
            (state.entries[first] ?? []).compactMap { entry -> (Int, Int, [UInt8])? in
                guard abs(entry.term.count - word.count) <= mistakesMax,
                    let distance = EditDistance.between(entry.term, word, atMost: mistakesMax)
                else { return nil }
                return (distance, -entry.count, entry.term)
            }
        }
        let sorted = near.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        return sorted.prefix(Self.guessesMax).filter { $0.0 == sorted[0].0 }.map(\.2)
    }
}

extension Vocabulary.State {
    fileprivate mutating func add(_ term: [UInt8], _ count: Int) {
        guard let first = term.first else { return }
        if let index = places[term] {
            entries[first]?[index].count += count
        } else {
            places[term] = entries[first]?.count ?? 0
            entries[first, default: []].append(Vocabulary.Entry(term: term, count: count))
        }
    }
}

/// How many mistakes lie between two words.
enum EditDistance {
    /// Letters added, left out, replaced, or swapped with their neighbour; `nil` above `most`.
    static func between(_ left: [UInt8], _ right: [UInt8], atMost most: Int) -> Int? {
        if abs(left.count - right.count) > most { return nil }
        var before: [Int] = []
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            var least = row + 1
            for (column, other) in right.enumerated() {
                var cost = min(
                    last[column] + (letter == other ? 0 : 1),
                    last[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
                least = min(least, cost)
            }
            if least > most { return nil }
            (before, last) = (last, current)
        }
        return last[right.count] <= most ? last[right.count] : nil
    }
}
