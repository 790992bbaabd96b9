import Contracts
import Testing

@testable import RPC

@Suite struct HostileBytesTests {
    @Test func truncatedMessagesNeverTrap() throws {
        for sample in Samples.all {
            for count in 0..<sample.bytes.count {
                try decodeAndRepeat(sample.type, Array(sample.bytes.prefix(count)))
            }
        }
    }

    @Test func flippedBitsNeverTrap() throws {
        var position = 0
        for sample in Samples.all where !sample.bytes.isEmpty {
            // A walk with a stride coprime to 8 meets every bit of a byte within few samples.
            for _ in 0..<200 {
                position += 13
                var bytes = sample.bytes
                bytes[position / 8 % bytes.count] ^= 1 << UInt8(position % 8)
                try decodeAndRepeat(sample.type, bytes)
            }
        }
    }

    @Test func rubbishNeverTraps() throws {
        var seed: UInt64 = 7
        for type in RPCCatalogue.messages + ContractsCatalogue.messages {
            for count in 1..<40 {
                let bytes = (0..<count).map { _ -> UInt8 in
                    seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    // Small bytes make plausible tags.
                    return UInt8(truncatingIfNeeded: seed >> 56)
                        & (seed >> 40 & 1 == 0 ? 0x3f : 0xff)
                }
                try decodeAndRepeat(type, bytes)
            }
        }
    }

    /// Each `AppointmentBooked.appointment` merges with the one before, copying its reminders: a
    /// quadratic amount of memory without the budget.
    @Test func aMergeBombIsRefusedForItsMemory() {
        let piece: [UInt8] = [0x0a, 3, 0x82, 1, 0]
        let bomb = Array(repeatElement(piece, count: 64 * 1024 / piece.count).joined())
        let fault = #expect(throws: DecodingFault.self) {
            try AppointmentBooked(serializedBytes: bomb)
        }
        #expect(fault?.mend == "needs more memory to decode than its size allows")
    }

    @Test func honestMessagesFitTheBudget() throws {
        var seed: UInt64 = 1
        for (name, number, count) in [
            ("passemploi.agenda.v1.Appointment", 1, 500),
            ("passemploi.feed.v1.Change", 1, 256),
            ("passemploi.offers.v1.Place", 1, 5000),
        ] {
            let bytes = (0..<count).flatMap { _ in
                WireFormat.field(number, SchemaTable.all.sample(name, seed: &seed))
            }
            switch name {
            case "passemploi.agenda.v1.Appointment":
                let list = try ListAppointmentsResponse(serializedBytes: bytes)
                #expect(list.appointments.count == count)
            case "passemploi.feed.v1.Change":
                #expect(try ChangeBatch(serializedBytes: bytes).changes.count == count)
            default:
                #expect(try ListPlacesResponse(serializedBytes: bytes).places.count == count)
            }
        }
    }

    @Test func aLargePieceOfBytesFitsTheBudget() throws {
        let echo = EchoMessage(body: [UInt8](repeating: 0xab, count: 1 << 20))
        #expect(try EchoMessage(serializedBytes: echo.serializedBytes()) == echo)
    }

    @Test func aTextWithNULIsRefusedByItsPath() {
        let appointment = WireFormat.field(5, [0x61, 0, 0x62])
        let bytes = WireFormat.field(1, []) + WireFormat.field(1, appointment)
        #expect(throws: DecodingFault(field: "appointments[1].title", mend: "must not contain NUL"))
        {
            try ListAppointmentsResponse(serializedBytes: bytes)
        }
        #expect(throws: DecodingFault(field: "service", mend: "must not contain NUL")) {
            try HealthCheckRequest(serializedBytes: WireFormat.field(1, [0]))
        }
    }

    @Test(
        arguments: [[0xff], [0xc3], [0xf0, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0xaf]] as [[UInt8]]
    )
    func aTextThatIsNotUTF8IsRefusedByItsPath(text: [UInt8]) {
        let bytes = WireFormat.field(2, "job") + WireFormat.field(2, text)
        #expect(throws: DecodingFault(field: "kinds[1]", mend: "must be valid UTF-8")) {
            try WatchFeedRequest(serializedBytes: bytes)
        }
    }

    @Test func aTextWithNULIsNotWritten() {
        let request = BookAppointmentRequest(title: "a\0b")
        #expect(throws: EncodingFault(field: "title", mend: "must not contain NUL")) {
            try request.serializedBytes()
        }
        let nested = AssignActionRequest(assignments: [Assignment(), Assignment(id: "\0")])
        #expect(throws: EncodingFault(field: "assignments[1].id", mend: "must not contain NUL")) {
            try nested.serializedBytes()
        }
    }

    @Test func unknownValuesOfAnEnumerationSurvive() throws {
        let bytes: [UInt8] = [0x08, 99]
        let reminder = try Reminder(serializedBytes: bytes)
        #expect(reminder.kind == .unrecognized(99))
        #expect(try reminder.serializedBytes() == bytes)
        let negative = Reminder(kind: ReminderKind(rawValue: -5))
        #expect(try Reminder(serializedBytes: negative.serializedBytes()) == negative)
    }

    @Test func unknownFieldsAreSkipped() throws {
        let unknown =
            WireFormat.field(1000, varint: 5) + WireFormat.field(1001, "text")
            + WireFormat.tag(1002, 1) + [1, 2, 3, 4, 5, 6, 7, 8]
            + WireFormat.tag(1003, 5) + [1, 2, 3, 4]
        let bytes = unknown + WireFormat.field(1, "known") + unknown
        #expect(try GetOfferRequest(serializedBytes: bytes) == GetOfferRequest(id: "known"))
    }

    @Test func aFieldOfTheWrongWireTypeIsRefused() {
        for bytes in [[0x08, 1], [0x0b, 0x0c], [0x0f], [0x00, 0]] as [[UInt8]] {
            #expect(throws: DecodingFault.self) { try GetOfferRequest(serializedBytes: bytes) }
        }
    }

    /// Decodes; what decodes must encode, and then decode to the same.
    private func decodeAndRepeat<Message: ProtobufMessage>(
        _ type: Message.Type,
        _ bytes: [UInt8]
    ) throws {
        let message: Message
        do {
            message = try Message(serializedBytes: bytes)
        } catch {
            return
        }
        let repeated = try Message(serializedBytes: message.serializedBytes())
        // Compared as bytes: a NaN differs from itself.
        #expect(try repeated.serializedBytes() == message.serializedBytes())
    }
}
