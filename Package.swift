// swift-tools-version: 6.3
import PackageDescription

// The manifest is the architecture: a target may import what it lists here and nothing else
// (build with `--explicit-target-dependency-import-check error`). Domains never see each other.

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// Checks that no two accesses to a variable overlap cost about a tenth of a small call. Debug builds,
// and so all tests, make them.
let hotPathSettings: [SwiftSetting] =
    swiftSettings + [
        .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
    ]

// protobuf-c's generated code asserts on descriptors; an assertion must not end a service.
let generatedC: [CSetting] = [.define("NDEBUG")]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioTestUtils: Target.Dependency = .product(name: "NIOTestUtils", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle",
    package: "swift-service-lifecycle"
)
let unixSignals: Target.Dependency = .product(
    name: "UnixSignals",
    package: "swift-service-lifecycle"
)
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let configuration: Target.Dependency = .product(
    name: "Configuration",
    package: "swift-configuration"
)
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A domain: rules, handlers, store and schema of one service.
func domain(_ name: String, _ more: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: ["Contracts", "RPC", "Storage", "ServiceKit", logging, lifecycle] + more,
        swiftSettings: swiftSettings
    )
}

/// A process: wiring only.
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Sources/Executables/\(name)",
        swiftSettings: swiftSettings
    )
}

func test(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: name,
        dependencies: dependencies + ["TestSupport"],
        swiftSettings: swiftSettings
    )
}

let package = Package(
    name: "pass-emploi",
    products: [
        // For the fuzzer's package, in `Tests/Fuzz`.
        .library(name: "RPC", targets: ["RPC"]),
        .library(name: "Contracts", targets: ["Contracts"]),
        .executable(name: "accounts", targets: ["accounts"]),
        .executable(name: "messaging", targets: ["messaging"]),
        .executable(name: "agenda", targets: ["agenda"]),
        .executable(name: "actions", targets: ["actions"]),
        .executable(name: "offers", targets: ["offers"]),
        .executable(name: "gateway", targets: ["gateway"]),
        .executable(name: "rpc-echo", targets: ["rpc-echo"]),
        .executable(name: "rpc-bench", targets: ["rpc-bench"]),
        .executable(name: "rpc-conformance", targets: ["rpc-conformance"]),
        .executable(name: "alerts-bench", targets: ["alerts-bench"]),
        .executable(name: "pe", targets: ["pe"]),
        .executable(name: "search-bench", targets: ["search-bench"]),
        .executable(name: "loadtest", targets: ["loadtest"]),
        .executable(name: "protoc-gen-pass", targets: ["protoc-gen-pass"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // System libraries and generated C.
        .systemLibrary(
            name: "CProtobufC",
            pkgConfig: "libprotobuf-c",
            providers: [.apt(["libprotobuf-c-dev"])]
        ),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        .systemLibrary(name: "CScheduler"),
        .target(name: "CDescriptor", dependencies: ["CProtobufC"], cSettings: generatedC),
        .target(name: "CReference", exclude: ["trades.txt", "communes.txt"]),
        .target(name: "CWire", dependencies: ["CProtobufC", "CDescriptor"], cSettings: generatedC),
        .target(
            name: "CContracts",
            dependencies: ["CProtobufC", "CDescriptor"],
            cSettings: generatedC
        ),

        // The RPC stack: knows nothing of employment.
        .target(
            name: "TLS",
            dependencies: ["COpenSSL", nioCore, nioTLS],
            swiftSettings: hotPathSettings + [.strictMemorySafety()]
        ),
        .target(
            name: "RPC",
            dependencies: [
                "CProtobufC", "CWire", "TLS", nioCore, nioPosix, nioTLS, logging, tracing,
            ],
            swiftSettings: hotPathSettings
        ),

        // What a process tells of itself.
        .target(
            name: "Telemetry",
            dependencies: [metrics, nioCore, nioPosix, nioHTTP1],
            swiftSettings: swiftSettings
        ),

        // What the services have in common.
        .target(
            name: "Contracts",
            dependencies: ["RPC", "CContracts", "CProtobufC"],
            swiftSettings: swiftSettings + [.strictMemorySafety()]
        ),
        .target(name: "Storage", dependencies: [grdb, grdbSQLite], swiftSettings: swiftSettings),
        .target(
            name: "ServiceKit",
            dependencies: [
                "Contracts", "RPC", "Storage", "TLS", "Telemetry", nioCore, nioPosix, logging,
                metrics, tracing, lifecycle, unixSignals, systemPackage, configuration,
            ],
            swiftSettings: swiftSettings
        ),

        // Public lists: trades and communes.
        .target(name: "Reference", dependencies: ["CReference"], swiftSettings: swiftSettings),

        // One domain each.
        domain("Accounts", ["COpenSSL"]),
        domain("Messaging"),
        domain("Agenda"),
        domain("Actions"),
        domain("Offers", ["CStemmer", "Reference"]),
        .target(
            name: "Gateway",
            dependencies: [
                "Contracts", "RPC", "ServiceKit", "Storage", nioCore, logging, lifecycle,
            ],
            swiftSettings: swiftSettings
        ),

        // The tools: what calls a running system.
        .target(
            name: "ClientKit",
            dependencies: ["Contracts", "RPC", "TLS", nioCore, nioPosix, logging],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "Corpus",
            dependencies: ["ClientKit", "Reference"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "LoadTest",
            dependencies: [
                "ClientKit", "Contracts", "RPC", "CScheduler", nioCore, histogram, yams,
            ],
            swiftSettings: swiftSettings
        ),

        // The processes.
        executable("accounts", ["Accounts", "ServiceKit"]),
        executable("messaging", ["Messaging", "ServiceKit"]),
        executable("agenda", ["Agenda", "ServiceKit"]),
        executable("actions", ["Actions", "ServiceKit"]),
        executable("offers", ["Offers", "ServiceKit"]),
        executable("gateway", ["Gateway", "ServiceKit"]),
        executable("rpc-echo", ["RPC", "ServiceKit"]),
        executable("rpc-conformance", ["TLS", nioCore, nioPosix, nioTLS, argumentParser]),
        executable(
            "rpc-bench",
            ["RPC", "TLS", nioCore, nioPosix, nioTLS, logging, argumentParser, histogram]
        ),
        executable(
            "alerts-bench",
            ["Offers", "Contracts", "RPC", "Storage", "ServiceKit", argumentParser]
        ),
        executable(
            "pe",
            [
                "ClientKit", "Corpus", "Contracts", "RPC", "CDescriptor", "CProtobufC", nioCore,
                argumentParser,
            ]
        ),
        executable(
            "loadtest",
            ["LoadTest", "ClientKit", "Contracts", "RPC", nioCore, nioPosix, argumentParser]
        ),
        executable(
            "search-bench",
            ["Offers", "Contracts", "RPC", "Storage", argumentParser, histogram]
        ),
        executable("protoc-gen-pass", ["CProtobufC", "CDescriptor"]),

        // Tests.
        .target(
            name: "TestSupport",
            dependencies: [
                "Contracts", "RPC", "Storage", "TLS", "ServiceKit", nioCore, nioPosix, logging,
            ],
            path: "Tests/TestSupport",
            swiftSettings: swiftSettings
        ),
        test("TLSTests", ["TLS", nioCore, nioPosix, nioTLS, nioEmbedded]),
        test(
            "RPCTests",
            ["RPC", "TLS", nioCore, nioPosix, nioEmbedded, nioTestUtils, logging, tracing]
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["RPC", "Contracts", nioCore],
            path: "Tests/Fuzz/Properties",
            swiftSettings: swiftSettings
        ),
        test("TelemetryTests", ["Telemetry", metrics, nioCore, nioPosix]),
        test("ContractsTests", ["Contracts", "RPC", nioCore]),
        test("StorageTests", ["Storage"]),
        test("ServiceKitTests", ["ServiceKit", "Contracts", "RPC", "Storage"]),
        test("AccountsTests", ["Accounts", "Contracts", "RPC", "Storage", "ServiceKit"]),
        test("MessagingTests", ["Messaging", "Contracts", "RPC", "Storage", "ServiceKit"]),
        test("AgendaTests", ["Agenda", "Contracts", "RPC", "Storage", "ServiceKit"]),
        test("ActionsTests", ["Actions", "Contracts", "RPC", "Storage", "ServiceKit"]),
        test(
            "OffersTests",
            ["Offers", "Corpus", "ClientKit", "Contracts", "RPC", "Storage", "ServiceKit"]
        ),
        test("GatewayTests", ["Gateway", "Contracts", "RPC", "Storage", "ServiceKit"]),
        test("LoadTestTests", ["LoadTest", "ClientKit", "Contracts", "RPC", nioCore, nioPosix]),
        // Processes as their operators run them: start, kill, fill, feed rubbish.
        test("SystemTests", ["Contracts", "RPC", "TLS", nioCore, nioPosix, logging]),
        test("TidyTests", []),
    ]
)
