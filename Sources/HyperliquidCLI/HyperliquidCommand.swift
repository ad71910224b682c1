internal import ArgumentParser

@main
struct HyperliquidCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperliquid",
        abstract: "Watch Hyperliquid's WebSocket feeds, plan their connections, and simulate the exchange.",
        version: "0.1.0",
        subcommands: [
            WatchCommand.self, SimulateCommand.self, PlanCommand.self, FeedsCommand.self, DoctorCommand.self,
        ])
}
