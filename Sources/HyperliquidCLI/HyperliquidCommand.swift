internal import ArgumentParser
internal import Hyperliquid

@main
struct HyperliquidCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hyperliquid",
        abstract: "Watch Hyperliquid's WebSocket feeds, plan their connections, and simulate the exchange.",
        version: ClientIdentity.version,
        subcommands: [
            WatchCommand.self, SimulateCommand.self, PlanCommand.self, FeedsCommand.self, CoinsCommand.self,
            DoctorCommand.self,
        ])
}
