public import Hyperliquid
public import HyperliquidSimulator

/// Runs `body` with the network that the program's first argument names.
///
/// `simulator`, the default, is a simulated exchange inside the program, which runs until `body` returns. `mainnet` and
/// `testnet` are the public networks. Any other argument is a WebSocket URL such as `ws://127.0.0.1:8080/ws`, for example
/// that of `hyperliquid simulate`.
///
/// - Parameters:
///   - simulatorSpeed: The speed of the simulated exchange's time relative to real time.
///   - faults: The faults of the simulated exchange, with their times.
///   - body: The code that uses the network.
public func withExampleNetwork(
    simulatorSpeed: Double = 1, faults: FaultPlan = FaultPlan(), _ body: (HyperliquidNetwork) async throws -> Void
) async throws {
    switch CommandLine.arguments.dropFirst().first ?? "simulator" {
    case "mainnet": try await body(.mainnet)
    case "testnet": try await body(.testnet)
    case "simulator":
        var configuration = ExchangeConfiguration()
        configuration.speed = simulatorSpeed
        configuration.faults = faults
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

/// Runs `body` with a client of that network, which runs until `body` returns.
public func withExampleClient(
    simulatorSpeed: Double = 1, faults: FaultPlan = FaultPlan(), _ body: (HyperliquidClient) async throws -> Void
) async throws {
    try await withExampleNetwork(simulatorSpeed: simulatorSpeed, faults: faults) { network in
        try await withHyperliquidClient(network: network, body: body)
    }
}
