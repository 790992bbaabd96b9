import Testing

@testable import Contracts
@testable import RPC

@Suite struct RoundTripTests {
    @Test func theCataloguesHoldEveryMessageOfTheSchema() {
        let names = Set((RPCCatalogue.messages + ContractsCatalogue.messages).map { $0.fullName })
        let own = SchemaTable.all.messages.keys.filter { name in
            !name.hasPrefix("google.") && name != "pass.rpc.v1.Rules"
        }
        #expect(names == Set(own))
        #expect(names.count > 100)
        for name in names where name.hasPrefix("passemploi.") {
            #expect(ContractsCatalogue.message(named: name)?.fullName == name)
        }
        #expect(ContractsCatalogue.message(named: "passemploi.Nothing") == nil)
    }

    @Test func descriptorsNameTheirMessageAndItsFields() {
        for type in RPCCatalogue.messages + ContractsCatalogue.messages {
            #expect(type.descriptor.fullName == type.fullName)
            let fields = SchemaTable.all.messages[type.fullName] ?? []
            let ordered = fields.sorted { $0.number < $1.number }
            #expect(type.descriptor.fieldNames == ordered.map(\.name))
        }
    }

    @Test func everyMessageComesBackFromItsBytes() throws {
        for sample in Samples.all {
            try requireSameBytes(sample.type, sample.bytes)
        }
    }

    @Test func everyMessageComesBackFromItsJSON() throws {
        for sample in Samples.all {
            try requireSameJSON(sample.type, sample.bytes)
        }
    }

    @Test func aMessageAtItsDefaultsIsEmpty() throws {
        for type in RPCCatalogue.messages + ContractsCatalogue.messages {
            try requireEmpty(type)
        }
    }

    @Test func aMemberOfAOneofIsKeptAtItsDefault() throws {
        let percent = Progress(degree: .percent(0))
        #expect(try percent.serializedBytes() == [0x10, 0])
        #expect(try Progress(serializedBytes: [0x10, 0]) == percent)
        let steps = Progress(degree: .steps(Steps()))
        #expect(try steps.serializedBytes() == [0x1a, 0])
        #expect(try Progress(serializedBytes: [0x1a, 0]) == steps)
        let summary = OfferSummary(distanceM: 0)
        #expect(try OfferSummary(serializedBytes: summary.serializedBytes()).distanceM == 0)
        #expect(try OfferSummary(serializedBytes: []).distanceM == nil)
    }

    @Test func theLastMemberOfAOneofWins() throws {
        #expect(try Progress(serializedBytes: [0x10, 7, 0x1a, 0]).degree == .steps(Steps()))
        #expect(try Progress(serializedBytes: [0x1a, 0, 0x10, 7]).degree == .percent(7))
    }

    @Test func repeatedNumbersAreReadPackedAndUnpacked() throws {
        let packed = try SearchOffersRequest(serializedBytes: [0x12, 2, 1, 4])
        let unpacked = try SearchOffersRequest(serializedBytes: [0x10, 1, 0x10, 4])
        #expect(packed.kinds == [.job, .immersion])
        #expect(packed == unpacked)
    }

    private func requireSameBytes<Message: ProtobufMessage>(
        _ type: Message.Type,
        _ bytes: [UInt8]
    ) throws {
        let message = try Message(serializedBytes: bytes)
        #expect(try message.serializedBytes() == bytes, "\(Message.fullName)")
        #expect(message != Message() || bytes.isEmpty, "\(Message.fullName)")
    }

    private func requireSameJSON<Message: ProtobufMessage>(
        _ type: Message.Type,
        _ bytes: [UInt8]
    ) throws {
        let message = try Message(serializedBytes: bytes)
        let json = try message.jsonString()
        #expect(try Message(jsonString: json) == message, "\(Message.fullName): \(json)")
    }

    private func requireEmpty<Message: ProtobufMessage>(_ type: Message.Type) throws {
        #expect(try Message().serializedBytes().isEmpty, "\(Message.fullName)")
        #expect(try Message(serializedBytes: []) == Message(), "\(Message.fullName)")
        #expect(try Message().jsonString() == "{}", "\(Message.fullName)")
        #expect(try Message(jsonString: "{}") == Message(), "\(Message.fullName)")
    }
}
