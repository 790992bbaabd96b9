import Testing

/// The checker finds what is planted.
@Suite struct MessageHistoryTests {
    private let entries = (1...5).map {
        MessageHistory.Entry(id: "m\($0)", sequence: UInt64($0), text: "text \($0)")
    }

    private var history: MessageHistory {
        MessageHistory(
            sent: Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0.text) }),
            acknowledged: Array(entries.prefix(4))
        )
    }

    @Test func aTrueListingHasNoFaults() {
        #expect(history.faults(in: entries) == [])
        // The fifth was not acknowledged: it may be there or not.
        #expect(history.faults(in: Array(entries.prefix(4))) == [])
    }

    @Test func lossIsFound() {
        let listed = entries.filter { $0.id != "m4" }.filter { $0.id != "m5" }
        #expect(history.faults(in: listed) == [.lost("m4")])
    }

    @Test func aGapIsFound() {
        var listed = entries
        listed[4] = .init(id: "m5", sequence: 6, text: "text 5")
        #expect(history.faults(in: listed) == [.gap(5)])
    }

    @Test func doublingIsFound() {
        let listed = entries + [.init(id: "m2", sequence: 6, text: "text 2")]
        #expect(history.faults(in: listed).contains(.doubled("m2")))
    }

    @Test func anotherTextIsFound() {
        var listed = entries
        listed[0] = .init(id: "m1", sequence: 1, text: "other")
        #expect(history.faults(in: listed).contains(.changed("m1")))
    }

    @Test func whatNobodySentIsFound() {
        let listed = entries + [.init(id: "m9", sequence: 6, text: "?")]
        #expect(history.faults(in: listed) == [.invented("m9")])
    }
}
