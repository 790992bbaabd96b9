import Testing

@testable import RPC

@Suite struct SendGateTests {
    /// Of two tasks that were both cancelled on their way to the gate, neither may wait behind it.
    @Test func everyWriterThatIsCancelledBeforeItWaitsIsToldSo() async {
        var gate = SendGate()
        let tickets = [SendTicket(), SendTicket()]
        for ticket in tickets {
            ticket.cancel()
            gate.cancel(ticket)
        }
        for ticket in tickets {
            do {
                let wasSent = try await withUnsafeThrowingContinuation { continuation in
                    gate.wait(ticket, continuation)
                    // Frees a writer that waits all the same.
                    gate.open()
                }
                Issue.record("a cancelled writer waited; sent: \(wasSent)")
            } catch {
                #expect(error is CancellationError)
            }
        }
    }

    @Test func aWriterThatIsCancelledWhileItWaitsLeavesTheOthers() async throws {
        var gate = SendGate()
        let cancelled = SendTicket()
        await #expect(throws: CancellationError.self) {
            try await withUnsafeThrowingContinuation { continuation in
                gate.wait(cancelled, continuation)
                cancelled.cancel()
                gate.cancel(cancelled)
            }
        }
        let isSent = try await withUnsafeThrowingContinuation { continuation in
            gate.wait(SendTicket(), continuation)
            gate.cancel(cancelled)
            gate.open()
        }
        #expect(!isSent)
    }
}
