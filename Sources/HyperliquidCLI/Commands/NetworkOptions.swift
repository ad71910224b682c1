internal import ArgumentParser
internal import Hyperliquid
internal import HyperliquidSimulator
internal import WebSocketTransport

/// The options that choose the network: exactly one of a simulated exchange, a public network and a URL.
struct NetworkOptions: ParsableArguments {
    enum NetworkName: String, ExpressibleByArgument, CaseIterable {
        case mainnet, testnet
    }

    @Flag(help: "Use a simulated exchange that runs inside this program.")
    var simulator = false

    @Option(help: ArgumentHelp("The seed of the simulated exchange; 1 if left out.", valueName: "number"))
    var seed: UInt64?

    @Option(help: "Use a public network of the exchange.")
    var network: NetworkName?

    @Option(help: "Use another address, for example ws://127.0.0.1:8080/ws; the explorer is at /explorer there.")
    var url: String?

    func validate() throws {
        switch [simulator, network != nil, url != nil].count(where: { $0 }) {
        case 1: break
        case 0:
            throw ValidationError(
                "Choose a network: --simulator, --network mainnet, --network testnet, or --url ws://HOST:PORT/ws.")
        default: throw ValidationError("Use only one of --simulator, --network and --url.")
        }
        guard seed == nil || simulator else { throw ValidationError("--seed requires --simulator.") }
        guard let url else { return }
        do throws(TransportError) {
            _ = try Endpoint(url)
        } catch {
            throw ValidationError("--url: \(error.message).")
        }
    }

    /// Runs `body` with the chosen network. A simulated exchange runs until `body` returns.
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

    /// The URL of `/explorer` at the same host and port.
    private static func explorer(beside url: String) -> String {
        let scheme = url.lowercased().hasPrefix("wss://") ? 6 : 5
        let authority = url.dropFirst(scheme).prefix { $0 != "/" && $0 != "?" }
        return url.prefix(scheme) + authority + "/explorer"
    }
}

/// The policy by which feeds share connections, as written on the command line.
enum PlacementPolicyArgument: String, ExpressibleByArgument, CaseIterable {
    case packed, isolated

    static let help: ArgumentHelp =
        """
        How feeds share connections: packed uses as few connections as possible, isolated gives each order book, each \
        explorer feed and each user a connection of its own.
        """

    var connectionPolicy: PlacementPolicy {
        switch self {
        case .packed: .packed
        case .isolated: .isolated
        }
    }
}
