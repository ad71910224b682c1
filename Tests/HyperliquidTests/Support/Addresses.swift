import Hyperliquid
import HyperliquidSimulator
import NIOConcurrencyHelpers

/// The addresses of this process's tests.
///
/// The system hands out a port again once it is free. A network's limits, and what its clients have used of them, are kept
/// for the process's life, so no two tests may share an address.
enum Addresses {
    private static let used = NIOLockedValueBox<Set<String>>([])
    private static let deadCount = NIOLockedValueBox(0)

    /// Starts a server, again and again until it is the first one at its address.
    static func unused<Server>(
        _ start: () async throws -> Server, url: (Server) -> String, stop: (Server) async -> Void
    ) async throws -> Server {
        while true {
            let server = try await start()
            let address = url(server)
            if used.withLockedValue({ $0.insert(address).inserted }) { return server }
            await stop(server)
        }
    }

    /// Starts a simulated exchange at an address of its own.
    static func startExchange(
        _ configuration: ExchangeConfiguration = ExchangeConfiguration()
    ) async throws -> SimulatedExchange {
        try await unused {
            try await SimulatedExchange.start(configuration: configuration)
        } url: {
            $0.url
        } stop: {
            await $0.stop()
        }
    }

    /// A network of its own whose port nothing listens on.
    static func dead() -> HyperliquidNetwork {
        let number = deadCount.withLockedValue { count in
            count += 1
            return count
        }
        let address = "ws://127.0.0.1:1/ws?\(number)"
        return .custom(api: address, explorer: address)
    }
}
