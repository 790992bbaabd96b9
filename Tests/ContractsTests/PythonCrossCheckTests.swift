import Contracts
import Foundation
import RPC
import Testing

/// Compares bytes and JSON with protobuf's own implementation.
@Suite struct PythonCrossCheckTests {
    private static let hasProtobuf = Command.succeeds(
        "python3",
        ["-c", "from google.protobuf import json_format"]
    )

    private struct Case: Codable {
        var name: String
        var bytes: Data
        var json: String
    }

    /// Reads each case's bytes and JSON, requires both to be the same message, and writes them as
    /// protobuf itself would.
    private static let script = """
        import base64, json, sys
        from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

        pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet()
        files.ParseFromString(open("files.bin", "rb").read())
        known = set()
        for file in files.file:
            if file.name not in known:
                pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(
                    file.SerializeToString())
            known.add(file.name)
        answers = []
        for case in json.load(open("cases.json")):
            descriptor = pool.FindMessageTypeByName(case["name"])
            if hasattr(message_factory, "GetMessageClass"):
                make = message_factory.GetMessageClass(descriptor)
            else:
                make = message_factory.MessageFactory(pool).GetPrototype(descriptor)
            message = make()
            message.ParseFromString(base64.b64decode(case["bytes"]))
            parsed = json_format.Parse(case["json"], make(), descriptor_pool=pool)
            if parsed != message:
                sys.exit(case["name"] + ": JSON and bytes differ: " + case["json"])
            answers.append({
                "name": case["name"],
                "bytes": base64.b64encode(message.SerializeToString(deterministic=True)).decode(),
                "json": json_format.MessageToJson(message, descriptor_pool=pool),
            })
        json.dump(answers, open("answers.json", "w"))
        """

    @Test(.enabled(if: hasProtobuf, "python3 cannot import google.protobuf"))
    func protobufItselfReadsAndWritesTheSame() throws {
        let samples = Samples.all
        let cases = try samples.map { try Self.makeCase($0.type, $0.bytes) }
        let answers = try Command.withDirectory { directory in
            let files = SchemaTable.all.files.flatMap { WireFormat.field(1, $0) }
            try Data(files).write(to: directory.appendingPathComponent("files.bin"))
            try JSONEncoder().encode(cases)
                .write(to: directory.appendingPathComponent("cases.json"))
            let run = try Command.run("python3", ["-c", Self.script], in: directory)
            try #require(run.status == 0, "\(run.output)")
            let answers = try Data(contentsOf: directory.appendingPathComponent("answers.json"))
            return try JSONDecoder().decode([Case].self, from: answers)
        }
        try #require(answers.count == cases.count)
        for ((sample, own), answer) in zip(zip(samples, cases), answers) {
            #expect(answer.bytes == own.bytes, "\(own.name)")
            try Self.requireSame(sample.type, own, answer)
        }
    }

    private static func makeCase<Message: ProtobufMessage>(
        _ type: Message.Type,
        _ bytes: [UInt8]
    ) throws -> Case {
        let message = try Message(serializedBytes: bytes)
        return Case(
            name: Message.fullName,
            bytes: Data(try message.serializedBytes()),
            json: try message.jsonString()
        )
    }

    private static func requireSame<Message: ProtobufMessage>(
        _ type: Message.Type,
        _ own: Case,
        _ answer: Case
    ) throws {
        let message = try Message(serializedBytes: Array(own.bytes))
        #expect(try Message(jsonString: answer.json) == message, "\(answer.json)")
        // Compared as values: order and white space differ.
        #expect(try canonical(answer.json) == canonical(own.json), "\(answer.json) \(own.json)")
    }

    private static func canonical(_ json: String) throws -> NSDictionary? {
        try JSONSerialization.jsonObject(with: Data(json.utf8)) as? NSDictionary
    }
}
