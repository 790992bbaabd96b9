// swift-tools-version: 6.3
import PackageDescription

// libFuzzer over the properties that the main package's `FuzzTests` tries again; `./run` builds it.

let package = Package(
    name: "fuzz",
    dependencies: [
        .package(name: "pass-emploi", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        .target(
            name: "Properties",
            dependencies: [
                .product(name: "RPC", package: "pass-emploi"),
                .product(name: "Contracts", package: "pass-emploi"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Properties",
            exclude: ["FuzzTests.swift"],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        ),
        // libFuzzer brings `main` along.
        .executableTarget(
            name: "fuzz",
            dependencies: ["Properties"],
            path: "Entry",
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]
        ),
    ]
)
