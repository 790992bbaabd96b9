import Testing

/// Runs the generator on small schemas, through protoc.
@Suite(.enabled(if: Plugin.isRunnable, "protoc or protoc-gen-pass is missing"))
struct PluginTests {
    private static let rules = "option (pass.rpc.v1.rules)"

    @Test(arguments: [
        (
            "// A.\nmessage A { B b = 1; }\n// B.\nmessage B { repeated A a = 1; }",
            "contains itself"
        ),
        ("// A.\nmessage A { optional string a = 1; }", "protoc-c refuses `optional`"),
        ("// A.\nmessage A { map<string, string> a = 1; }", "map fields are not supported"),
        ("message A { string a = 1; }", "test.proto:4: message A needs a comment"),
        ("// A.\nmessage A { string a = 1 [json_name = \"z\"]; }", "JSON name of its own"),
        ("message Result {}", "Swift's name Result is taken"),
        ("message TClient {}\n// T.\nservice T {}", "Swift's name TClient is that of"),
        (
            "// A.\nmessage A { oneof b { string x = 1; string y = 2; } }\nmessage B {}",
            "hides type B"
        ),
        ("// A.\nmessage A { pass.rpc.v1.Rules r = 1; }", "is not generated for this module"),
    ])
    func badMessagesAreRefused(body: String, refusal: String) throws {
        let run = try Plugin.generate(body)
        #expect(run.status != 0)
        #expect(run.output.contains(refusal), "\(run.output)")
        #expect(run.swift.isEmpty)
    }

    @Test(arguments: [
        ("// M.\nrpc M(A) returns (A);", "needs the option (pass.rpc.v1.rules)"),
        ("// M.\nrpc M(A) returns (A) { \(rules) = { peers: \"*\" }; }", "needs timeout_ms"),
        (
            "// M.\nrpc M(stream A) returns (stream A) { \(rules) = { peers: \"*\" }; }",
            "needs timeout_ms"
        ),
        ("// M.\nrpc M(A) returns (A) { \(rules) = { timeout_ms: 1 }; }", "nobody may call it"),
        (
            "// M.\nrpc M(A) returns (A) { \(rules) = { roles: \"BOSS\" timeout_ms: 1 }; }",
            "role BOSS is none of"
        ),
        (
            "rpc M(A) returns (A) { \(rules) = { peers: \"*\" timeout_ms: 1 }; }",
            "test.proto:7: method S.M needs a comment"
        ),
    ])
    func badMethodsAreRefused(method: String, refusal: String) throws {
        let run = try Plugin.generate("message A {}\n// S.\nservice S {\n\(method)\n}")
        #expect(run.status != 0)
        #expect(run.output.contains(refusal), "\(run.output)")
    }

    @Test func twoTypesOfOneNameAreRefused() throws {
        let run = try Plugin.generate(
            "message A {}\nmessage B { enum A2 { X = 0; } }\nenum A3 { Y = 0; }"
        )
        #expect(run.status == 0, "\(run.output)")
        let clash = try Plugin.generate("message SMethods {}\n// S.\nservice S {}")
        #expect(clash.output.contains("test.proto:6: test.v1.S: Swift's name SMethods is that of"))
    }

    @Test func everyOffenceIsNamedAtOnce() throws {
        let run = try Plugin.generate("message A { string a = 1; }\nmessage B { string b = 1; }")
        #expect(run.output.contains("test.proto:4:"))
        #expect(run.output.contains("test.proto:5:"))
    }

    @Test func keywordsAreEscaped() throws {
        let run = try Plugin.generate(
            """
            // A.
            message A { string default = 1; repeated string in = 2; string apply_url = 3; }
            enum E { E_UNSPECIFIED = 0; PUBLIC = 1; AT_HOME = 2; }
            """
        )
        #expect(run.status == 0, "\(run.output)")
        #expect(run.swift.contains("public var `default`: String = \"\""))
        #expect(run.swift.contains("public var `in`: [String] = []"))
        #expect(run.swift.contains("public var applyURL: String = \"\""))
        #expect(run.swift.contains("case `public`"))
        #expect(run.swift.contains("case unspecified"))
        #expect(run.swift.contains("case atHome"))
    }

    @Test func nestedTypesStayInside() throws {
        let run = try Plugin.generate(
            """
            // A.
            message A {
              // B.
              message B { string b = 1; }
              enum C { C_UNSPECIFIED = 0; }
              B b = 1;
              C c = 2;
            }
            """
        )
        #expect(run.status == 0, "\(run.output)")
        #expect(
            run.swift.contains("extension A {\n    /// B.\n    public struct B: ProtobufMessage")
        )
        #expect(run.swift.contains("public var c: A.C = A.C()"))
    }
}
