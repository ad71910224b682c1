// swift-tools-version: 6.2
import PackageDescription

/// Every target is built with the same settings; the loop at the end applies them.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0470-isolated-conformances.md
    .enableUpcomingFeature("InferIsolatedConformances"),
    // `~Escapable` readers name their lifetimes; users of the package need no flag for it.
    .enableExperimentalFeature("Lifetimes"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0458-strict-memory-safety.md
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "swift-hyperliquid",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "Hyperliquid", targets: ["Hyperliquid"]),
        .library(name: "HyperliquidFoundation", targets: ["HyperliquidFoundation"]),
        .library(name: "HyperliquidSimulator", targets: ["HyperliquidSimulator"]),
        .executable(name: "hyperliquid", targets: ["HyperliquidCLI"]),
    ],
    traits: [
        .trait(
            name: "ServiceLifecycle",
            description: "Lets a client run in a ServiceGroup and end by its graceful shutdown."
        ),
        .default(enabledTraits: ["ServiceLifecycle"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.90.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.34.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
    ],
    targets: [
        .target(name: "HyperliquidWire"),
        .target(name: "HyperliquidEngine", dependencies: ["HyperliquidWire"]),
        .target(
            name: "WebSocketTransport",
            dependencies: [
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .target(
            name: "Hyperliquid",
            dependencies: [
                "HyperliquidWire", "HyperliquidEngine", "WebSocketTransport",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ]
        ),
        // For programs that import Foundation anyway: `Decimal`, `Date` and `JSONDecoder`.
        .target(name: "HyperliquidFoundation", dependencies: ["HyperliquidWire"]),
        .target(
            name: "HyperliquidSimulator",
            dependencies: [
                "HyperliquidWire", "WebSocketTransport",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .executableTarget(
            name: "HyperliquidCLI",
            dependencies: [
                "Hyperliquid", "HyperliquidSimulator", "WebSocketTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        // For `scripts/autobahn.sh`; not a product.
        .executableTarget(
            name: "WebSocketConformance",
            dependencies: [
                "WebSocketTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        // The simulated world and its command, for tests only; not products.
        .target(
            name: "SimulatedWorld",
            dependencies: [
                "Hyperliquid", "HyperliquidEngine", "HyperliquidSimulator", "HyperliquidWire", "WebSocketTransport",
            ],
            path: "Tests/SimulatedWorld"
        ),
        .executableTarget(
            name: "WorldRunner",
            dependencies: ["SimulatedWorld", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/WorldRunner"
        ),
        // How many tests run at once.
        .target(name: "TestPacing", path: "Tests/TestPacing"),
        // The fixtures are read where they lie.
        .testTarget(
            name: "HyperliquidWireTests", dependencies: ["HyperliquidWire", "TestPacing"], exclude: ["Fixtures"]),
        .testTarget(
            name: "HyperliquidEngineTests", dependencies: ["HyperliquidEngine", "HyperliquidWire", "TestPacing"]),
        .testTarget(
            name: "WebSocketTransportTests",
            dependencies: [
                "HyperliquidWire", "TestPacing", "WebSocketTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]
        ),
        .testTarget(
            name: "HyperliquidSimulatorTests",
            dependencies: [
                "HyperliquidSimulator", "HyperliquidWire", "TestPacing", "WebSocketTransport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "SimulatedWorld", "HyperliquidEngine", "HyperliquidSimulator", "HyperliquidWire", "TestPacing",
            ]
        ),
        .testTarget(
            name: "HyperliquidTests",
            dependencies: [
                "Hyperliquid", "HyperliquidFoundation", "HyperliquidSimulator", "HyperliquidEngine", "HyperliquidWire",
                "TestPacing", "WebSocketTransport",
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ]
        ),
    ]
)

for target in package.targets {
    target.swiftSettings = settings
}
