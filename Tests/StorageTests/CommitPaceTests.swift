import Testing

@testable import Storage

@Suite struct CommitPaceTests {
    @Test func theFirstWriteWaitsForNobody() {
        let pace = CommitPace()
        #expect(pace.enough == 0)
        #expect(pace.patience == .zero)
    }

    @Test func aLoneWriterNeverWaits() {
        var pace = CommitPace()
        pace.note(writes: 1, duration: .milliseconds(20))
        #expect(pace.enough == 1)
    }

    @Test func afterACrowdMostOfItIsWaitedForAPartOfTheDisksTime() {
        var pace = CommitPace()
        pace.note(writes: 64, duration: .milliseconds(4))
        #expect(pace.enough == 48)
        #expect(pace.patience == .milliseconds(1))
    }

    @Test func patienceHasABound() {
        var pace = CommitPace()
        pace.note(writes: 64, duration: .seconds(3))
        #expect(pace.patience == Limits.gatherMax)
    }
}
