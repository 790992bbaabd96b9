import Foundation
import TLS
import TestSupport
import Testing

@Suite struct ReloadTests {
    let certificates: TestCertificates
    let source: TLSSource

    init() throws {
        certificates = try TestCertificates(["agenda", "gateway"])
        source = try TLSSource(certificates.serverSettings("agenda"))
    }

    @Test func untouchedFilesAreNotReadAgain() {
        let before = source.current()
        #expect(source.reloadIfChanged() == .unchanged)
        #expect(source.current() === before)
    }

    @Test func renewedFilesServeNewConnections() throws {
        let before = source.current()
        try certificates.make(["agenda"], renew: true)
        #expect(source.reloadIfChanged() == .reloaded)
        #expect(source.current() !== before)
        #expect(source.reloadIfChanged() == .unchanged)
    }

    @Test func badFilesLeaveTheOldOnesInUseAndAreReportedOnce() throws {
        let before = source.current()
        let path = certificates.keyPath("agenda")
        let good = try Data(contentsOf: URL(fileURLWithPath: path))
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: path))
        #expect(source.reloadIfChanged() == .refused(.noKey(path: path)))
        #expect(source.reloadIfChanged() == .unchanged)
        #expect(source.current() === before)
        try good.write(to: URL(fileURLWithPath: path))
        #expect(source.reloadIfChanged() == .reloaded)
    }

    @Test func aFileThatIsGoneLeavesTheOldOnesInUse() throws {
        let before = source.current()
        let path = certificates.authorityPath
        try FileManager.default.removeItem(atPath: path)
        #expect(source.reloadIfChanged() == .refused(.fileMissing(path: path)))
        #expect(source.reloadIfChanged() == .unchanged)
        #expect(source.current() === before)
    }

    @Test func connectionsAcrossAReloadWork() async throws {
        let client = try TLSContext(certificates.clientSettings("gateway"))
        try await withConnection(server: source.current(), client: client) { server, old in
            _ = await server.next()
            _ = await old.next()
            try certificates.make(["agenda"], renew: true)
            #expect(source.reloadIfChanged() == .reloaded)
            try await withConnection(server: source.current(), client: client) { _, new in
                guard case .handshake = await new.next() else {
                    Issue.record("The renewed certificate was refused.")
                    return
                }
            }
            try await old.send([5])
            #expect(await server.next() == .bytes([5]))
        }
    }
}
