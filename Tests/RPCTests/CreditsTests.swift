import NIOCore
import Testing

@testable import RPC

@Suite struct CreditsTests {
    @Test func aMessageMayTakeTheCreditBelowZeroButNoneFollows() {
        var credits = Credits(toSend: 100, window: 100)
        #expect(credits.canSend)
        credits.send(500)
        #expect(credits.toSend == -400)
        #expect(!credits.canSend)
    }

    @Test func creditComesBackInLumpsOfHalfAWindow() {
        var credits = Credits(toSend: 100, window: 100)
        #expect(credits.consume(49) == 0)
        #expect(credits.consume(1) == 50)
        #expect(credits.consume(0) == 0)
        #expect(credits.consume(200) == 200)
    }

    @Test func theReceiverEnforcesWhatItGave() throws {
        var credits = Credits(toSend: 100, window: 100)
        try credits.receive(99)
        try credits.receive(99)
        #expect(throws: Credits.Fault.beyondCredit) { try credits.receive(0) }
        #expect(credits.consume(198) == 198)
        try credits.receive(1)
    }

    @Test func creditOfNothingOrTooMuchIsRefused() throws {
        var credits = Credits(toSend: 100, window: 100)
        #expect(throws: Credits.Fault.badCredit) { try credits.refill(0) }
        try credits.refill(UInt32(Int32.max) - 100)
        #expect(throws: Credits.Fault.badCredit) { try credits.refill(1) }
    }

    @Test func aSenderThatObeysIsNeverLeftWithoutCredit() throws {
        var random = SeededRandom(state: 3)
        for window in [1, 2, 3, 100, 4096] {
            var sender = Credits(toSend: window, window: window)
            var receiver = Credits(toSend: window, window: window)
            var unread: [Int] = []
            for _ in 0..<5_000 {
                if sender.canSend {
                    let size = Int.random(in: 0...window * 2, using: &random)
                    sender.send(size)
                    try receiver.receive(size)
                    unread.append(size)
                } else {
                    // Whoever reads everything always gets the sender going again.
                    #expect(!unread.isEmpty)
                }
                if !sender.canSend || Bool.random(using: &random) {
                    for size in unread {
                        let lump = receiver.consume(size)
                        if lump > 0 { try sender.refill(UInt32(lump)) }
                    }
                    unread = []
                }
            }
        }
    }
}

@Suite struct KeepaliveTests {
    @Test func silenceAsksAndSilenceAfterThatIsDeath() {
        let start = NIODeadline.uptimeNanoseconds(0)
        var keepalive = Keepalive(now: start)
        #expect(keepalive.step(at: start + .seconds(14)) == .none)
        #expect(keepalive.step(at: start + .seconds(15)) == .ping)
        #expect(keepalive.step(at: start + .seconds(19)) == .none)
        #expect(keepalive.step(at: start + .seconds(20)) == .dead)
    }

    @Test func anyByteIsAnAnswer() {
        let start = NIODeadline.uptimeNanoseconds(0)
        var keepalive = Keepalive(now: start)
        #expect(keepalive.step(at: start + .seconds(15)) == .ping)
        keepalive.read(at: start + .seconds(19))
        #expect(keepalive.step(at: start + .seconds(33)) == .none)
        #expect(keepalive.step(at: start + .seconds(34)) == .ping)
    }

    @Test func theFourthPingTooCloseWithoutStreamsIsTooMany() {
        let start = NIODeadline.uptimeNanoseconds(0)
        var keepalive = Keepalive(now: start)
        for second in [0, 9, 18] as [Int64] {
            #expect(keepalive.isFlood(pingAt: start + .seconds(second), hasStreams: false) == false)
        }
        #expect(keepalive.isFlood(pingAt: start + .seconds(27), hasStreams: false) == true)
    }

    @Test func pingsFarApartOrWithStreamsAreFree() {
        let start = NIODeadline.uptimeNanoseconds(0)
        var keepalive = Keepalive(now: start)
        for second in 0..<100 as Range<Int64> {
            #expect(
                keepalive.isFlood(pingAt: start + .seconds(second * 10), hasStreams: false) == false
            )
            #expect(
                keepalive.isFlood(pingAt: start + .seconds(second * 10), hasStreams: true) == false
            )
        }
    }
}
