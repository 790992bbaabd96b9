import Foundation

/// The generator, run through protoc on a small schema.
enum Plugin {
    /// The generator as built beside the tests.
    private static let plugin = URL(fileURLWithPath: CommandLine.arguments[0])
        .deletingLastPathComponent().appendingPathComponent("protoc-gen-pass").path

    /// The directory of the schema.
    private static let proto = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().appendingPathComponent("../../proto").standardized.path

    static let isRunnable =
        Command.succeeds("protoc", ["--version"])
        && FileManager.default.isExecutableFile(atPath: plugin)

    /// A schema around `body`, which starts on line 4.
    static func generate(_ body: String) throws -> (status: Int32, output: String, swift: String) {
        try Command.withDirectory { directory in
            let schema = """
                syntax = "proto3";
                package test.v1;
                import "pass/rpc/v1/options.proto";
                \(body)
                """
            try schema.write(
                to: directory.appendingPathComponent("test.proto"),
                atomically: true,
                encoding: .utf8
            )
            let run = try Command.run(
                "protoc",
                [
                    "-I.", "-I\(proto)", "-I/usr/include",
                    "--plugin=protoc-gen-pass=\(plugin)", "--pass_out=.",
                    "--pass_opt=module=Test", "test.proto",
                ],
                in: directory
            )
            let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            let swift = names.sorted().filter { $0.hasSuffix(".swift") }.compactMap { name in
                try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
            }
            return (run.status, run.output, swift.joined())
        }
    }
}
