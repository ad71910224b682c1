internal import ArgumentParser
internal import Hyperliquid
internal import HyperliquidSimulator
internal import WebSocketTransport

/// Where to look: exactly one of a network, an address, and a simulated exchange.
struct NetworkOptions: ParsableArguments {
    enum NetworkName: String, ExpressibleByArgument, CaseIterable {
        case mainnet, testnet
    }

    @Flag(help: "A simulated exchange that runs inside this program.")
    var simulator = false

    @Option(help: "The simulated exchange's seed; 1 by default.")
    var seed: UInt64?

    @Option(help: "One of the venue's networks.")
    var network: NetworkName?

    @Option(help: "Another place, for example ws://127.0.0.1:8080/ws; the explorer is /explorer there.")
    var url: String?

    func validate() throws {
        switch [simulator, network != nil, url != nil].count(where: { $0 }) {
        case 1: break
        case 0: throw ValidationError("Say where: --simulator, --network mainnet, or --url ws://HOST:PORT/ws.")
        default: throw ValidationError("Give only one of --simulator, --network and --url.")
        }
        guard seed == nil || simulator else { throw ValidationError("--seed goes with --simulator only.") }
        guard let url else { return }
        do throws(TransportError) {
            _ = try Endpoint(url)
        } catch {
            throw ValidationError("--url: \(error.message).")
        }
    }

    /// Runs `body` with the network, for the time of which a simulated exchange lives.
    func withNetwork<Result>(_ body: (HyperliquidNetwork) async throws -> Result) async throws -> Result {
        if let url { return try await body(.custom(api: url, explorer: Self.explorer(beside: url))) }
        guard simulator else { return try await body(network == .testnet ? .testnet : .mainnet) }
        var configuration = ExchangeConfiguration()
        configuration.seed = seed ?? 1
        let exchange = try await SimulatedExchange.start(configuration: configuration)
        do {
            let result = try await body(.custom(api: exchange.url, explorer: exchange.explorerURL))
            await exchange.stop()
            return result
        } catch {
            await exchange.stop()
            throw error
        }
    }

    /// `/explorer` at the same place.
    private static func explorer(beside url: String) -> String {
        let scheme = url.lowercased().hasPrefix("wss://") ? 6 : 5
        let authority = url.dropFirst(scheme).prefix { $0 != "/" && $0 != "?" }
        return url.prefix(scheme) + authority + "/explorer"
    }
}
