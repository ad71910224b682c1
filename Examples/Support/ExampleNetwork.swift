public import Hyperliquid
internal import HyperliquidSimulator

/// Gives `body` the network that the program's first argument names, and stops what was started for it.
///
/// `simulator`, the default, serves a simulated exchange inside the program; `mainnet` and `testnet` are the venue's;
/// anything else is a WebSocket address such as `ws://127.0.0.1:8080/ws`, for example of `hyperliquid simulate`.
/// - Parameter simulatorSpeed: How much faster than real time the simulated exchange lives.
public func withExampleNetwork(
    simulatorSpeed: Double = 1, _ body: (HyperliquidNetwork) async throws -> Void
) async throws {
    switch CommandLine.arguments.dropFirst().first ?? "simulator" {
    case "mainnet": try await body(.mainnet)
    case "testnet": try await body(.testnet)
    case "simulator":
        var configuration = ExchangeConfiguration()
        configuration.speed = simulatorSpeed
        let exchange = try await SimulatedExchange.start(configuration: configuration)
        do {
            try await body(.custom(api: exchange.url, explorer: exchange.explorerURL))
        } catch {
            await exchange.stop()
            throw error
        }
        await exchange.stop()
    case let address: try await body(.custom(api: address, explorer: address))
    }
}

/// Runs a client of that network for the time of `body`.
public func withExampleClient(
    simulatorSpeed: Double = 1, _ body: (HyperliquidClient) async throws -> Void
) async throws {
    try await withExampleNetwork(simulatorSpeed: simulatorSpeed) { network in
        try await withHyperliquidClient(network: network, body: body)
    }
}
