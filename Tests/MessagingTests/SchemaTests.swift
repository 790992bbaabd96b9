import Foundation
import Messaging
import Storage
import Testing

@Suite struct SchemaTests {
    @Test func messagesOfTheVersionBeforeAreKeptInOrder() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("messaging-tests-" + UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let before = Array(MessagingSchema.migrations.prefix(3))
        let old = try Database.open(directory: directory, name: "test", migrations: before)
        try await old.write { transaction in
            for sequence in [2, 1, 3] {
                for person in ["b", "a"] {
                    try transaction.execute(
                        """
                        INSERT INTO message (young_person_id, sequence, id, side, sender_id, text,
                            sent_ms, young_person_count)
                        VALUES (?, ?, ?, 1, ?, ?, 5, 1)
                        """,
                        [
                            .text(person), SQLValue(sequence), .text("\(person)\(sequence)"),
                            .text(person), .text("text \(sequence)"),
                        ]
                    )
                }
            }
        }
        try await old.close()
        let new = try Database.open(
            directory: directory,
            name: "test",
            migrations: MessagingSchema.migrations
        )
        let rows = try await new.read { reader in
            try reader.rows("SELECT id, text FROM message ORDER BY young_person_id, sequence")
        }
        #expect(try rows.map { try $0.text("id") } == ["a1", "a2", "a3", "b1", "b2", "b3"])
        #expect(try rows.first?.text("text") == "text 1")
        await #expect(throws: StorageError.self) {
            try await new.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO message (young_person_id, sequence, id, side, sender_id, text,
                        sent_ms, young_person_count)
                    VALUES ('c', 1, 'a1', 1, 'c', 'same id', 5, 1)
                    """
                )
            }
        }
        try await new.close()
    }
}
