import RPC
import Synchronization
import Testing

@testable import LoadTest

/// Endless streams and what is noted of them.
@Suite struct StreamRunTests {
    private func change(_ sequence: UInt64, at timeMs: Int64 = 1_000) -> StreamItem {
        StreamItem(
            position: "\(sequence)",
            changes: [.init(source: "agenda", sequence: sequence, timeMs: timeMs)]
        )
    }

    private let hello = StreamItem(position: "0", changes: [])

    @Test func whatOneStreamBringsAndAnotherOfThePersonDoesNotIsLost() {
        let recorder = StreamRecorder(audiences: ["a", "a", "b"], nowMs: { 1_250 })
        for number in 0..<3 { recorder.take(hello, on: number) }
        for number in 0..<2 { recorder.take(change(1), on: number) }
        recorder.take(change(2), on: 0)
        // Not for the others.
        recorder.take(change(3), on: 2)
        // From before all were open, and perhaps on its way still.
        recorder.take(change(4, at: 10), on: 0)
        recorder.take(change(5, at: 2_000), on: 0)
        let figures = recorder.finish(since: 500, until: 1_500)
        #expect(figures.events == 6)
        #expect(figures.lost == 1)
        #expect(figures.doubled == 0)
        #expect((249_000...251_000).contains(figures.delay.us(at: 50)))
        #expect(figures.openAtEnd == 3)
        #expect(figures.faults == 1)
    }

    @Test func whatComesTwiceOrLateIsDoubled() {
        let recorder = StreamRecorder(audiences: ["a"], nowMs: { 1_000 })
        for sequence in [1, 2, 2, 1, 3] as [UInt64] { recorder.take(change(sequence), on: 0) }
        #expect(recorder.finish(since: 0, until: 9_000).doubled == 2)
    }

    @Test func conditionsAskAboutDelayAndFaults() throws {
        let recorder = StreamRecorder(audiences: ["a", "a"], nowMs: { 1_020 })
        recorder.take(change(1), on: 0)
        var figures = recorder.finish(since: 0, until: 9_000)
        // One change lost, one stream never open.
        #expect(figures.faults == 2)
        let conditions = ["p99>30ms", "p50>10ms", "errors>1", "errors>2"]
        try figures.judge(failIf: conditions.map(Objective.init))
        #expect(figures.objectives.map(\.isGood) == [true, false, false, true])
        #expect(figures.text.contains("FAILED  p50>10ms  measured 20.0 ms"), "\(figures.text)")
    }

    /// Each stream's server tells ten changes, ends, and tells the rest to whoever comes back.
    @Test func aStreamThatEndsGoesOnWhereItWas() async {
        let positions = Mutex<[String]>([])
        let (told, telling) = AsyncStream.makeStream(of: Void.self)
        let run = StreamRun(
            audiences: ["a"],
            duration: .seconds(60),
            nowMs: { 1_000 }
        ) { _, position, take in
            positions.withLock { $0.append(position) }
            take(StreamItem(position: position, changes: []))
            let first = (UInt64(position) ?? 0) + 1
            for sequence in first..<first + 10 {
                take(
                    StreamItem(
                        position: "\(sequence)",
                        changes: [.init(source: "agenda", sequence: sequence, timeMs: 1_000)]
                    )
                )
            }
            if first < 20 { throw RPCError(.unavailable, "The server is stopping.") }
            telling.finish()
            for await _ in AsyncStream<Void>.makeStream().stream {}
        }
        let running = Task { await run.run() }
        for await _ in told {}
        running.cancel()
        let figures = await running.value
        #expect(positions.withLock { $0 } == ["", "10", "20"])
        #expect(figures.events == 30)
        #expect(figures.doubled == 0)
        #expect(figures.reconnects == 2)
        #expect(figures.endings.map(\.code) == ["UNAVAILABLE"])
        #expect(figures.endings.first?.count == 2)
        #expect(figures.openAtEnd == 1)
    }

    @Test func everyStreamOfManyIsOpened() async {
        let (opened, opening) = AsyncStream.makeStream(of: Int.self)
        let run = StreamRun(
            audiences: (0..<500).map { "\($0 % 7)" },
            duration: .seconds(60),
            nowMs: { 1_000 }
        ) { number, _, take in
            take(StreamItem(position: "0", changes: []))
            opening.yield(number)
            for await _ in AsyncStream<Void>.makeStream().stream {}
        }
        let running = Task { await run.run() }
        var numbers: Set<Int> = []
        for await number in opened {
            numbers.insert(number)
            if numbers.count == 500 { break }
        }
        running.cancel()
        let figures = await running.value
        #expect(figures.opened == 500)
        #expect(figures.openAtEnd == 500)
    }
}
