import Hyperliquid
import Logging
import ServiceLifecycle
import Support
import UnixSignals

/// A service that ends in order on SIGINT and SIGTERM, or by itself after 50 messages.
///
/// Services are shut down from the last to the first. The client is the last: it closes its connections, the counter's
/// sequence ends behind what was already received, and nothing that came is lost.
@main struct DrainOnSignal {
    static func main() async throws {
        try await withExampleNetwork { network in
            let client = try HyperliquidClient(network: network)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: TradeCounter(client: client),
                            successTerminationBehavior: .gracefullyShutdownGroup),
                        .init(service: client),
                    ],
                    gracefulShutdownSignals: [.sigint, .sigterm],
                    logger: Logger(label: "drain-on-signal")
                ))
            try await group.run()
        }
    }
}

/// Counts trades until the client ends.
struct TradeCounter: Service {
    let client: HyperliquidClient

    func run() async throws {
        var count = 0
        // The client may not run yet: then this registers, and the venue is asked once it does.
        let trades = try await client.subscribe(to: .trades("BTC"), until: .registered)
        for try await event in trades.prefix(50) {
            count += event.data?.count ?? 0
        }
        print("\(count) trades, and nothing left behind")
    }
}
