import Testing

/// What the house style forbids and a machine can see.
@Suite struct StyleTests {
    private let sources: SourceTree
    private let tests: SourceTree

    init() throws {
        sources = try SourceTree(["Sources"])
        tests = try SourceTree(["Tests"])
    }

    @Test func theTreeIsRead() {
        #expect(sources.files.count > 50)
        #expect(tests.files.count > 10)
    }

    @Test func filesStayShort() {
        let long = sources.files.filter { $0.lines.count > 401 }
        #expect(long.map { "\($0.path): \($0.lines.count)" } == [])
    }

    @Test func nothingTrapsOnInput() {
        let traps = sources.places(matching: /\btry!|\bas!|\bfatalError\(/)
        #expect(traps.map(\.description) == [])
    }

    @Test func librariesDoNotPrint() {
        let prints = sources.places(matching: /^\s*print\(/) { !$0.contains("/Executables/") }
        #expect(prints.map(\.description) == [])
    }

    @Test func nothingIsLeftUnfinished() {
        let marks = sources.places(matching: /\b(?:TODO|FIXME|XXX)\b/)
        #expect(marks.map(\.description) == [])
    }

    @Test func testsDoNotSleep() {
        // The system tests wait for real processes, and a metronome's beat is a real clock's;
        // everything else awaits events.
        let exempt = ["Tests/SystemTests/", "Tests/TidyTests/", "Tests/GatewayTests/Pulse.swift"]
        let sleeps = tests.places(matching: /Task\.sleep|usleep\(|Thread\.sleep/) { path in
            !exempt.contains { path.hasPrefix($0) }
        }
        #expect(sleeps.map(\.description) == [])
    }

    @Test func connectionsReadNoClockThatJumps() {
        // `NIODeadline` counts from the machine's start, whatever is done to its date.
        let clocks =
            /\bDate\(|\bDate\.now|ContinuousClock|\bgettimeofday|CLOCK_REALTIME|\btime\(nil\)/
        let reads = sources.places(matching: clocks) { path in
            path.hasPrefix("Sources/RPC/") || path.hasPrefix("Sources/TLS/")
        }
        #expect(reads.map(\.description) == [])
    }

    @Test func unsafeStepsSayWhyTheyAreSafe() {
        var silent: [String] = []
        for file in sources.files {
            for (index, line) in file.lines.enumerated()
            where line.contains(/@unchecked Sendable|nonisolated\(unsafe\)/) {
                let above = file.lines[max(0, index - 6)...index]
                if !above.contains(where: { $0.contains("Safety:") }) {
                    silent.append("\(file.path):\(index + 1)")
                }
            }
        }
        #expect(silent == [])
    }

    @Test(arguments: [
        ("GRDB", ["Sources/Storage/"]),
        ("GRDBSQLite", ["Sources/Storage/"]),
        ("COpenSSL", ["Sources/TLS/", "Sources/Accounts/"]),
        ("CProtobufC", ["Sources/RPC/", "Sources/Contracts/", "Sources/Executables/"]),
    ])
    func librariesStayBehindTheirTarget(module: String, folders: [String]) throws {
        let pattern = try Regex<Substring>(
            #"^\s*(?:public |internal |package )?import \#(module)\b"#
        )
        let imports = sources.places(matching: pattern) { path in
            !folders.contains { path.hasPrefix($0) }
        }
        #expect(imports.map(\.description) == [])
    }
}
