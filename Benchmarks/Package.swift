// swift-tools-version: 6.2
import PackageDescription

/// The settings of the measured package; its manifest explains them.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

// A separate package, so that users of the client do not resolve its dependencies. `throughput` sees the public API
// only, and measures what a user gets; `micro` has access to internals.
let package = Package(
    name: "swift-hyperliquid-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-hyperliquid", path: "..", traits: [])],
    targets: [
        .executableTarget(
            name: "throughput",
            dependencies: [.product(name: "Hyperliquid", package: "swift-hyperliquid")],
            path: "Throughput",
            swiftSettings: settings + [.strictMemorySafety()]
        ),
        .executableTarget(
            name: "micro",
            dependencies: [.product(name: "Hyperliquid", package: "swift-hyperliquid")],
            path: "Micro",
            swiftSettings: settings + [.unsafeFlags(["-Xfrontend", "-disable-access-control"])]
        ),
    ]
)
