/// Runs cases against a server, each on a connection of its own.
struct CaseRunner {
    let target: Target

    /// Runs a case.
    ///
    /// - Returns: What was not as it should be; `nil` if all was.
    func run(_ test: Case) async -> String? {
        let peer: Peer
        do {
            peer = try await Peer.connect(
                to: target,
                applicationProtocol: test.applicationProtocol
            )
        } catch {
            return "cannot connect: \(error)"
        }
        let failure = await converse(test, peer)
        await peer.close()
        return failure
    }

    private func converse(_ test: Case, _ peer: Peer) async -> String? {
        var steps = test.steps[...]
        do {
            if case .refused? = steps.first?.action {
                steps = steps.dropFirst()
                try await refused(peer)
            } else {
                try await greet(test.greeting, peer)
            }
        } catch {
            return "at the start: \(error)"
        }
        for (index, step) in zip(steps.indices, steps) {
            do {
                try await run(step, peer)
            } catch {
                return "step \(index + 1): \(error)"
            }
        }
        return await lastWord(peer)
    }

    /// What the server has said of the connection and no step has asked for.
    private func lastWord(_ peer: Peer) async -> String? {
        do {
            let word = try await peer.wait { mailbox in [mailbox.peek(0)] }
            return word[0].map { "after the last step came \($0)" }
        } catch {
            return "\(error)"
        }
    }

    private func refused(_ peer: Peer) async throws {
        let isReady = try await peer.wait { mailbox in
            mailbox.isReady ? true : mailbox.ending.map { _ in false }
        }
        guard !isReady else { throw CaseFault("the handshake succeeded") }
    }

    /// Takes the server's HELLO, which comes first, and sends this side's.
    private func greet(_ greeting: Case.Greeting, _ peer: Peer) async throws {
        _ = try await peer.wait(milliseconds: Bounds.connectMilliseconds) { mailbox in
            mailbox.isReady ? true : nil
        }
        if case .hello(let header, let window) = greeting {
            try await peer.send(RawFrame(type: FrameName.hello, header: header).bytes()) {
                mailbox in
                mailbox.announce(window: window)
            }
        }
        let first = try await peer.wait { mailbox in mailbox.take(0) }
        guard first.type == FrameName.hello else {
            throw WireFault("began with \(first)")
        }
    }

    private func run(_ step: Step, _ peer: Peer) async throws {
        for _ in 0..<step.times {
            for stream in try await streams(step, peer) {
                switch step.action {
                case .send(var frame, let length, let headerLength, let inCredit):
                    frame.stream = stream
                    if inCredit {
                        _ = try await peer.wait(milliseconds: step.milliseconds) { mailbox in
                            mailbox.credit(stream) > 0 ? true : nil
                        }
                    }
                    try await peer.send(frame, length: length, headerLength: headerLength)
                case .bytes(let bytes): try await peer.send(bytes)
                case .expect(let expectation):
                    try await expect(expectation, stream, step.milliseconds, peer)
                case .credit(let bytes):
                    _ = try await peer.wait(milliseconds: step.milliseconds) { mailbox in
                        mailbox.returnedCredit(stream) >= bytes ? true : nil
                    }
                case .silence: try await silence(stream, peer)
                case .closed: try await closed(step.milliseconds, peer)
                case .refused: throw CaseFault("only the first step can be a refusal")
                case .call: try await call(stream, peer)
                }
            }
        }
    }

    private func streams(_ step: Step, _ peer: Peer) async throws -> [UInt32] {
        switch step.streams {
        case .one(let id): return [id]
        case .new:
            let highest = try await peer.wait { $0.highestStream }
            return [highest == 0 ? 1 : highest + 2]
        case .last: return [try await peer.wait { $0.highestStream }]
        case .several(let first, let count):
            let allowed = try await peer.wait { $0.streamsMax }
            return (0..<min(count ?? allowed, Bounds.streams)).map { first + UInt32($0) * 2 }
        }
    }

    private func expect(
        _ expectation: Expectation,
        _ stream: UInt32,
        _ milliseconds: Int,
        _ peer: Peer
    ) async throws {
        let taken: (frame: RawFrame, credit: Int)
        do {
            taken = try await peer.wait(milliseconds: milliseconds) { mailbox in
                mailbox.take(stream).map { ($0, mailbox.consume($0)) }
            }
        } catch let fault as CaseFault {
            let wanted = FrameName.text(expectation.type)
            throw CaseFault("waited for \(wanted) on stream \(stream): \(fault)")
        }
        if let mismatch = try expectation.mismatch(taken.frame) {
            let wanted = FrameName.text(expectation.type)
            throw CaseFault("waited for \(wanted) on stream \(stream): \(mismatch)")
        }
        guard taken.credit > 0 else { return }
        var credit = RawFrame(type: FrameName.credit, stream: stream)
        credit.payload.append(bigEndian: UInt32(taken.credit))
        try await peer.send(credit)
    }

    /// Asks with PING, which the server answers after all that was sent before it.
    private func silence(_ stream: UInt32, _ peer: Peer) async throws {
        let question = RawFrame(type: FrameName.ping, payload: Array("silence?".utf8))
        try await peer.send(question)
        let answer = try await peer.wait { mailbox in mailbox.take(0) }
        guard answer.type == FrameName.ping, answer.payload == question.payload else {
            throw CaseFault("waited for the answer to PING: came \(answer)")
        }
        let words = try await peer.wait { mailbox in [mailbox.peek(stream)] }
        if let frame = words[0] { throw CaseFault("waited for silence: came \(frame)") }
    }

    private func closed(_ milliseconds: Int, _ peer: Peer) async throws {
        let words = try await peer.wait(milliseconds: milliseconds) { mailbox in
            mailbox.ending.map { _ in [mailbox.peek(0)] }
        }
        if let frame = words[0] { throw CaseFault("before the connection closed came \(frame)") }
    }

    /// A unary call is answered: whatever came before it, the connection works.
    private func call(_ stream: UInt32, _ peer: Peer) async throws {
        let message = JSON.object(["body": .text("still here")])
        let request = RawFrame(
            type: FrameName.request,
            flags: FlagName.message | FlagName.end,
            stream: stream,
            header: try Shape.request.encode(
                .object(["path": .text("pass.rpc.v1.Echo/Unary")])
            ),
            payload: try Shape.echo.encode(message)
        )
        try await peer.send(request)
        let expectation = Expectation(response: message)
        try await expect(expectation, stream, Bounds.answerMilliseconds, peer)
    }
}
