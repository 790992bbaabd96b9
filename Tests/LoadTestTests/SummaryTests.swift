import NIOCore
import RPC
import Synchronization
import Testing

@testable import LoadTest

/// What people read must hold what was measured.
@Suite struct SummaryTests {
    /// 200 calls, of which 10 take 80 ms and 4 fail, the others take 2 ms.
    private func summary() async throws -> Summary {
        let clock = JumpClock()
        let calls = Atomic<Int>(0)
        let plan = try LoadScene.plan(rate: 10, seconds: 20)
        let run = LoadRun(plan) { _ in
            let number = calls.add(1, ordering: .relaxed).newValue
            clock.advance(by: number % 20 == 0 ? .milliseconds(80) : .milliseconds(2))
            if number % 50 == 1 { throw RPCError(.unavailable, "Not <now> & \"here\".") }
            return ByteBuffer()
        }
        var summary = LoadScene.summary(await run.run(by: clock), plan)
        summary.judge(
            failIf: [
                try Objective("p99>50ms"), try Objective("p50>50ms"), try Objective("errors>0"),
                try Objective("Home/Get:p50>1s"),
            ]
        )
        return summary
    }

    @Test func objectivesAreJudged() async throws {
        let summary = try await summary()
        #expect(summary.objectives.map(\.isGood) == [false, true, false, false])
        #expect(summary.objectives[0].measured == "80.0 ms")
        #expect(summary.objectives[2].measured == "4")
        #expect(summary.objectives[3].measured == "nothing")
    }

    @Test func theTextHoldsTheFigures() async throws {
        let text = SummaryText(try await summary()).text
        let facts = [
            "Messaging/SendMessage", "FAILED  p99>50ms", "good    p50>50ms", "planned 10.0/s",
            "answered 9.80/s", "200 calls", "2.00 ms", "80.0 ms", "≤ 100 ms", "UNAVAILABLE",
            "Not <now>", "OK", "0.50 of 1 threads", "75.0 % busy",
        ]
        for fact in facts { #expect(text.contains(fact), "\(fact)\n\(text)") }
        // What was asked comes first.
        let objectives = try #require(text.firstRange(of: "Objectives"))
        let rates = try #require(text.firstRange(of: "Rates"))
        #expect(objectives.lowerBound < rates.lowerBound)
        #expect(!text.contains("BOTTLENECK"))
    }

    @Test func thePageHoldsFiguresAndCharts() async throws {
        let html = SummaryPage(try await summary()).html
        #expect(html.hasPrefix("<!doctype html>"))
        #expect(html.components(of: "<svg").count == 3)
        #expect(html.components(of: "</svg>").count == 3)
        #expect(html.contains("Latency by percentile"))
        #expect(html.contains("failed: p99&gt;50ms, measured 80.0 ms"))
        #expect(html.contains("Not &lt;now&gt; &amp; &quot;here&quot;."))
        // One file: nothing is fetched.
        #expect(!html.contains("http") && !html.contains("src="))
        #expect(!html.contains("NaN") && !html.contains("inf"))
    }

    @Test func aRunWithoutAnAnswerIsToldAllTheSame() async throws {
        let plan = try LoadScene.plan(rate: 10, seconds: 1)
        let run = LoadRun(plan) { _ in throw RPCError(.permissionDenied, "No.") }
        let summary = LoadScene.summary(await run.run(by: JumpClock()), plan)
        #expect(SummaryText(summary).text.contains("no call was answered"))
        #expect(SummaryPage(summary).html.contains("Nothing was measured"))
    }

    @Test func theFileIsReadBackAsItWas() async throws {
        let summary = try await summary()
        #expect(try Summary(json: try summary.json()) == summary)
        #expect(throws: SummaryFault.self) { try Summary(json: "{}") }
        var other = summary
        other.format = 99
        let text = try other.json()
        let fault = #expect(throws: SummaryFault.self) { try Summary(json: text) }
        #expect(fault?.description.contains("layout 99") == true)
    }

    @Test func aRunEndedEarlyCountsTheTimeItHad() async throws {
        let plan = try LoadScene.plan(rate: 100, seconds: 60, warmUp: .seconds(1))
        let whole = try LoadScene.plan(rate: 100, seconds: 3, warmUp: .seconds(1))
        let recording = await LoadRun(whole) { _ in ByteBuffer() }.run(by: JumpClock())
        let about = Summary.About(title: "", through: "", connections: 1, begun: "", machine: "")
        let summary = Summary(
            recording,
            of: plan,
            about: about,
            cost: OwnCost(ownCPU: 0, machineBusy: nil),
            stoppedAfter: .seconds(3)
        )
        #expect(summary.seconds == 2)
        #expect(SummaryText(summary).text.contains("answered 100/s"))
    }

    @Test func aGeneratorThatIsBehindSaysSo() async throws {
        let clock = JumpClock()
        let plan = try LoadScene.plan(rate: 100, seconds: 1)
        let run = LoadRun(plan) { _ in
            clock.advance(by: .milliseconds(20))
            return ByteBuffer()
        }
        let summary = LoadScene.summary(await run.run(by: clock), plan)
        #expect(SummaryText(summary).text.contains("THE GENERATOR WAS THE BOTTLENECK"))
        let ramp = Ramp(objectives: [try Objective("p99<1ms")], stepDuration: .seconds(1))
        let found = try await ramp.run(from: 100) { _, _ in
            summary
        } report: { _ in
        }
        #expect(found.rate == nil)
        var last = try #require(found.last)
        last.note(found, of: ramp.objectives)
        #expect(last.objectives.first?.measured == "none; beyond it the generator was behind")
        #expect(SummaryText(last).text.contains("not kept, the generator was behind"))
    }

    @Test func aComparisonTellsBetterFromWorse() async throws {
        let before = try await summary()
        var after = before
        for index in after.total.latency.percentiles.indices {
            after.total.latency.percentiles[index].us *= 2
        }
        after.total.failed = 0
        let rows = Comparison(before: before, after: after).rows
        let p99 = try #require(rows.first { $0.name == "p99" })
        #expect(p99.isBetter == false)
        #expect(p99.change == 1)
        #expect(rows.first { $0.name == "errors" }?.isBetter == true)
        #expect(rows.first { $0.name == "answered a second" }?.isBetter == nil)
        let text = Comparison(before: before, after: after).text
        #expect(text.contains("+100.0 %") && text.contains("WORSE") && text.contains("better"))
    }

    @Test func timesAndNumbersAreReadable() {
        #expect(TimeText.text(microseconds: 870) == "870 µs")
        #expect(TimeText.text(microseconds: 12_345) == "12.3 ms")
        #expect(TimeText.text(microseconds: 4_050_000) == "4.05 s")
        #expect(TimeText.duration("1.5s") == .milliseconds(1_500))
        #expect(TimeText.duration("5 apples") == nil)
        #expect(NumberText.grouped(1_234_567) == "1,234,567")
        #expect(NumberText.short(1_234.6) == "1,235")
        #expect(NumberText.short(9.996) == "10.0")
        #expect(NumberText.percent(0.0004) == "0.040 %")
        #expect(NumberText.percent(0.999) == "99.90 %")
    }
}

extension String {
    /// Every place of `part`.
    fileprivate func components(of part: String) -> [Range<Index>] { ranges(of: part) }
}
