// swift-tools-version: 6.2
import PackageDescription

/// The settings of swift-hyperliquid; its manifest explains them.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let client = Target.Dependency.product(name: "Hyperliquid", package: "swift-hyperliquid")
let simulator = Target.Dependency.product(name: "HyperliquidSimulator", package: "swift-hyperliquid")

/// One program per folder, each of which uses the public API only.
let package = Package(
    name: "swift-hyperliquid-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-hyperliquid", path: ".."),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", from: "1.0.0"),
    ],
    targets: [
        .target(name: "Support", dependencies: [client, simulator], path: "Support"),
        .executableTarget(name: "TradesTail", dependencies: [client, "Support"], path: "TradesTail"),
        .executableTarget(name: "ManyMarkets", dependencies: [client, "Support"], path: "ManyMarkets"),
        .executableTarget(name: "DexBooks", dependencies: [client, simulator, "Support"], path: "DexBooks"),
        .executableTarget(name: "BookMirror", dependencies: [client, "Support"], path: "BookMirror"),
        .executableTarget(
            name: "OneLoop",
            dependencies: [
                client, "Support", .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
            ],
            path: "OneLoop"
        ),
        .executableTarget(name: "CandlePrinter", dependencies: [client, "Support"], path: "CandlePrinter"),
        .executableTarget(
            name: "DrainOnSignal",
            dependencies: [
                client, "Support",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "DrainOnSignal"
        ),
        .executableTarget(name: "UserDefinedFeed", dependencies: [client, "Support"], path: "UserDefinedFeed"),
        .target(name: "Bot", dependencies: [client], path: "SimulatedBot/Bot"),
        .testTarget(name: "BotTests", dependencies: ["Bot", client, simulator], path: "SimulatedBot/Tests"),
    ]
)

for target in package.targets {
    target.swiftSettings = settings
}
