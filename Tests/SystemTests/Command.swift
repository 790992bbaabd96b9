import Foundation

/// Another program, run to its end.
enum Command {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String
    }

    /// Runs a program with text on its standard input.
    static func run(
        _ path: String,
        _ arguments: [String],
        _ environment: [String: String] = ProcessInfo.processInfo.environment,
        input: String = ""
    ) throws -> Outcome {
        // Files rather than pipes: whatever the program writes, nobody has to read along.
        let folder = NSTemporaryDirectory() + "command-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(input.utf8).write(to: URL(filePath: "\(folder)/in"))
        for name in ["out", "err"] {
            _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
        }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle(forReadingAtPath: "\(folder)/in")
        process.standardOutput = FileHandle(forWritingAtPath: "\(folder)/out")
        process.standardError = FileHandle(forWritingAtPath: "\(folder)/err")
        try process.run()
        process.waitUntilExit()
        func text(_ name: String) -> String {
            (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
        }
        return Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -1,
            output: text("out"),
            error: text("err")
        )
    }
}

/// Ports that nobody listens on.
enum FreePorts {
    /// So many different free ports on the loopback address.
    static func take(_ count: Int) throws -> [Int] {
        var sockets: [Int32] = []
        defer { for socket in sockets { close(socket) } }
        return try (0..<count).map { _ in
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            sockets.append(descriptor)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let port = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic -> Int in
                    guard bind(descriptor, generic, length) == 0,
                        getsockname(descriptor, generic, &length) == 0
                    else { return 0 }
                    return Int(UInt16(bigEndian: pointer.pointee.sin_port))
                }
            }
            guard port > 0 else { throw SystemFault("no free port") }
            return port
        }
    }
}
