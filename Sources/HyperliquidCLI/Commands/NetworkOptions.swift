internal import ArgumentParser
internal import Hyperliquid
internal import HyperliquidSimulator
internal import WebSocketTransport

/// The options that choose the network: at most one of a simulated exchange, a public network and a URL.
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

    private var chosenCount: Int { [simulator, network != nil, url != nil].count { $0 } }

    /// Fails if no network is chosen. Called by the commands that need one.
    func require(_ reason: String = "") throws {
        guard chosenCount == 0 else { return }
        throw ValidationError(
            "Choose a network\(reason): --simulator, --network mainnet, --network testnet, or --url ws://HOST:PORT/ws.")
    }

    func validate() throws {
        guard chosenCount <= 1 else { throw ValidationError("Use only one of --simulator, --network and --url.") }
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

    /// The name of the chosen network, under which its coins are kept for shells.
    var cacheName: String { simulator ? "simulator" : url ?? network?.rawValue ?? "mainnet" }

    /// Asks the chosen network what it lists.
    func universe() async throws -> Universe {
        let universe = try await withNetwork { network in
            try await withHyperliquidClient(network: network) { client in try await client.universe() }
        }
        KnownCoins.learn(universe, of: cacheName)
        return universe
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
