import Foundation
import Glibc
import Testing

@testable import Storage

@Suite struct OpeningTests {
    @Test func settingsThatPromisesRestOnAreInForce() async throws {
        try await withDatabase { database in
            let found = try await database.write { transaction in
                try transaction.row(
                    """
                    SELECT synchronous, journal_mode, foreign_keys
                    FROM pragma_synchronous, pragma_journal_mode, pragma_foreign_keys
                    """
                )
            }
            #expect(found?.values == [.integer(2), .text("wal"), .integer(1)])
        }
    }

    @Test func directoriesAreMadeForThisUserAlone() async throws {
        try await withDirectory { directory in
            let inner = directory + "/a/b"
            let database = try Database.open(directory: inner, name: "test", migrations: [])
            try await database.close()
            for path in [directory, directory + "/a", inner] {
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                #expect(mode as? Int == 0o700)
            }
            let file = inner + "/test.sqlite"
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions]
            #expect(mode as? Int == 0o600)
        }
    }

    @Test func aSecondOpeningIsRefusedUntilTheFirstIsClosed() async throws {
        try await withDirectory { directory in
            let first = try Database.open(directory: directory, name: "test", migrations: [notes])
            let error = #expect(throws: StorageError.self) {
                try Database.open(directory: directory, name: "test", migrations: [notes])
            }
            #expect(error == .inUse(path: directory + "/test.sqlite", processID: getpid()))
            try await first.write { try $0.addNote(1) }
            try await first.close()
            let second = try Database.open(directory: directory, name: "test", migrations: [notes])
            #expect(try await second.noteIDs() == [1])
            try await second.close()
        }
    }

    @Test func twoDatabasesShareADirectory() async throws {
        try await withDirectory { directory in
            let one = try Database.open(directory: directory, name: "one", migrations: [notes])
            let two = try Database.open(directory: directory, name: "two", migrations: [notes])
            try await one.close()
            try await two.close()
        }
    }

    @Test func aCleanEndLeavesNoLog() async throws {
        try await withDirectory { directory in
            let database = try Database.open(
                directory: directory,
                name: "test",
                migrations: [notes]
            )
            try await database.write { try $0.addNote(1) }
            try await database.close()
            try await database.close()
            #expect(!FileManager.default.fileExists(atPath: directory + "/test.sqlite-wal"))
        }
    }

    @Test func aFileInPlaceOfTheDirectoryIsNamed() async throws {
        try await withDirectory { directory in
            try Data().write(to: URL(fileURLWithPath: directory))
            for path in [directory, directory + "/inner"] {
                let error = #expect(throws: StorageError.self) {
                    try Database.open(directory: path, name: "test", migrations: [])
                }
                guard case .directoryUnusable(path, _) = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
    }

    @Test func aDirectoryInWhichNobodyMayWriteIsRefused() throws {
        // Even the superuser makes no files here.
        let error = #expect(throws: StorageError.self) {
            try Database.open(directory: "/sys/kernel", name: "test", migrations: [])
        }
        switch error {
        case .directoryUnusable, .readOnly: break
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test(.enabled(if: geteuid() != 0, "the superuser may write everything"))
    func aFileThatMayNotBeWrittenIsRefused() async throws {
        try await withDirectory { directory in
            try await Database.open(directory: directory, name: "test", migrations: []).close()
            let path = directory + "/test.sqlite"
            #expect(chmod(path, 0o400) == 0)
            #expect(throws: StorageError.readOnly(path: path)) {
                try Database.open(directory: directory, name: "test", migrations: [])
            }
        }
    }

    @Test func anotherProgramsLockIsNamedInTime() async throws {
        try await withDirectory { directory in
            try await Database.open(directory: directory, name: "test", migrations: []).close()
            let path = directory + "/test.sqlite"
            // Where SQLite keeps its locks. This kind of lock belongs to the open file and not to the
            // process, so that it stands in the way of the same process too.
            let descriptor = Glibc.open(path, O_RDWR)
            defer { Glibc.close(descriptor) }
            var lock = Glibc.flock()
            lock.l_type = Int16(F_WRLCK)
            lock.l_start = 0x4000_0000
            lock.l_len = 512
            let setOpenFileLock: Int32 = 37
            #expect(fcntl(descriptor, setOpenFileLock, &lock) == 0)
            let clock = ContinuousClock()
            let time = clock.measure {
                #expect(throws: StorageError.locked(path: path)) {
                    try Database.open(directory: directory, name: "test", migrations: [])
                }
            }
            #expect(time < .seconds(5))
        }
    }

    @Test func aHealthyDatabaseSaysSoAndAClosedOneDoesNot() async throws {
        try await withDirectory { directory in
            let database = try Database.open(directory: directory, name: "test", migrations: [])
            #expect(await database.isHealthy())
            try await database.close()
            #expect(await database.healthProblem() == .closed)
        }
    }

    @Test func everyErrorSaysWhatToDoInOneLine() {
        let errors: [StorageError] = [
            .directoryUnusable(path: "p", reason: "r"), .inUse(path: "p", processID: nil),
            .inUse(path: "p", processID: 7), .locked(path: "p"), .damaged(path: "p", detail: "d"),
            .readOnly(path: "p"), .newer(path: "p", migration: "m"),
            .migrationChanged(path: "p", migration: "m"),
            .migrationFailed(migration: "m", detail: "d"), .settingRefused("s"),
            .diskFull(path: "p"),
            .inputOutput(path: "p", detail: "d"), .busy("reads"), .closed,
            .constraint(.unique, detail: "d"), .statement(code: 1, detail: "d"),
            .columnMissing("c"), .columnMismatch("c", found: "text"),
            .beyondFeed(position: 2, head: 1),
            .positionNotAhead(source: "s", stored: 2, wanted: 1),
        ]
        for error in errors {
            #expect(error.description.count > 20)
            #expect(!error.description.contains("\n"))
        }
    }
}
