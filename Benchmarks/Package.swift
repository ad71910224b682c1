// swift-tools-version: 6.2
import PackageDescription

/// The settings of the package that is measured; they are told in its own manifest.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .treatAllWarnings(as: .error),
]

// A package of its own: users of the client never resolve what is needed here. `throughput` sees the public API only,
// so that what it measures is what a user gets; `micro` reaches inside.
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
