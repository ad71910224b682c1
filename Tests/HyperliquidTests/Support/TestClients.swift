import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator

extension EngineConfiguration {
    /// A configuration with short waits and high limits.
    static var quick: EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.limits.dialsPerMinute = 10_000
        configuration.limits.messagesPerMinute = 100_000
        configuration.limits.messagesPerSecond = 100_000
        configuration.limits.requestWeightPerMinute = 100_000
        configuration.shortestBackoff = .milliseconds(2)
        configuration.longestBackoff = .milliseconds(20)
        return configuration
    }
}

extension ListingState {
    /// Waits for an answer as long as a slow machine needs.
    static var patient: ListingState { ListingState(checkTimeout: .seconds(600)) }
}

extension ExchangeConfiguration {
    /// A simulated exchange with a fast market and high limits.
    static var quick: ExchangeConfiguration {
        var configuration = ExchangeConfiguration()
        configuration.speed = 5
        configuration.marketSize = .small
        configuration.connectionsPerMinuteLimit = 100_000
        configuration.messagesPerMinuteLimit = 100_000
        configuration.requestWeightPerMinuteLimit = 100_000
        return configuration
    }
}

/// Runs a client for the duration of `body`.
func withClient<Result: Sendable>(
    of network: HyperliquidNetwork, engine: EngineConfiguration = .quick, configuration: ClientConfiguration = .init(),
    listings: ListingState = .patient, body: (HyperliquidClient) async throws -> Result
) async throws -> Result {
    let client = try HyperliquidClient(
        network: network, configuration: configuration, engine: engine, listings: listings)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        do {
            let result = try await body(client)
            await client.shutDown()
            return result
        } catch {
            await client.shutDown()
            throw error
        }
    }
}

/// Serves a simulated exchange and runs a client against it for the duration of `body`.
func withExchange<Result: Sendable>(
    _ exchangeConfiguration: ExchangeConfiguration = .quick, engine: EngineConfiguration = .quick,
    configuration: ClientConfiguration = .init(), listings: ListingState = .patient,
    body: (HyperliquidClient, SimulatedExchange) async throws -> Result
) async throws -> Result {
    let exchange = try await Addresses.startExchange(exchangeConfiguration)
    do {
        let network = HyperliquidNetwork.custom(api: exchange.url, explorer: exchange.explorerURL)
        let result = try await withClient(
            of: network, engine: engine, configuration: configuration, listings: listings
        ) { client in
            try await body(client, exchange)
        }
        await exchange.stop()
        return result
    } catch {
        await exchange.stop()
        throw error
    }
}

/// Serves a venue that follows a script and runs a client against it for the duration of `body`.
func withScript<Result: Sendable>(
    acknowledges: Bool = true, engine: EngineConfiguration = .quick, configuration: ClientConfiguration = .init(),
    listings: ListingState = .patient, body: (HyperliquidClient, ScriptedVenue) async throws -> Result
) async throws -> Result {
    let venue = try await ScriptedVenue.start(acknowledges: acknowledges)
    do {
        let network = HyperliquidNetwork.custom(api: venue.url, explorer: venue.url)
        let result = try await withClient(
            of: network, engine: engine, configuration: configuration, listings: listings
        ) { client in
            try await body(client, venue)
        }
        await venue.stop()
        return result
    } catch {
        await venue.stop()
        throw error
    }
}
