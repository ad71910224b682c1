import Hyperliquid
import HyperliquidSimulator

/// Runs a client against a simulated exchange whose time moves in steps.
func withSteppedExchange<Result: Sendable>(
    seed: UInt64 = 1, body: (HyperliquidClient, SimulatedExchange) async throws -> Result
) async throws -> Result {
    var configuration = ExchangeConfiguration()
    configuration.isStepped = true
    configuration.seed = seed
    let exchange = try await Addresses.startExchange(configuration)
    let result = try await withHyperliquidClient(
        network: .custom(api: exchange.url, explorer: exchange.explorerURL)
    ) { client in try await body(client, exchange) }
    await exchange.stop()
    return result
}
