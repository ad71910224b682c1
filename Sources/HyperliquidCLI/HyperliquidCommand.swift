internal import ArgumentParser

@main
struct HyperliquidCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperliquid",
        abstract: "Watch Hyperliquid's WebSocket feeds, plan their connections, simulate the exchange.",
        version: "0.1.0",
        subcommands: [Watch.self, Simulate.self, Plan.self, Feeds.self, Doctor.self],
        defaultSubcommand: nil)
}
