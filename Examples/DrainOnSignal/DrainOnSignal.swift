import Hyperliquid
import Logging
import ServiceLifecycle
import Support
import UnixSignals

/// A service that ends in order on SIGINT and SIGTERM, or by itself after 20 messages.
///
/// Services are shut down from the last to the first, and none may end before its turn. So the client is the first: the
/// counter, which needs it, ends before it, behind what was already received; then the client closes its connections.
@main struct DrainOnSignal {
    static func main() async throws {
        try await withExampleNetwork { network in
            let client = try HyperliquidClient(network: network)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(service: client),
                        .init(
                            service: TradeCounter(client: client),
                            successTerminationBehavior: .gracefullyShutdownGroup),
                    ],
                    gracefulShutdownSignals: [.sigint, .sigterm],
                    logger: Logger(label: "drain-on-signal")
                ))
            try await group.run()
        }
    }
}

/// Counts trades until it is told to end.
struct TradeCounter: Service {
    let client: HyperliquidClient

    func run() async throws {
        var count = 0
        // The client may not run yet: then this registers, and the venue is asked once it does.
        let trades = try await client.subscribe(to: .trades("BTC"), until: .registered)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await gracefulShutdown()
                // The sequence ends behind what has been received.
                try await client.unsubscribe(trades.id)
            }
            for try await event in trades.prefix(20) {
                count += event.data?.count ?? 0
            }
            group.cancelAll()
        }
        print("\(count) trades, and nothing left behind")
    }
}
