import Hyperliquid
import Logging
import ServiceLifecycle
import Support
import UnixSignals

/// A service group that shuts down in order on SIGINT and SIGTERM, or by itself after 20 messages.
///
/// The services may be listed in either order. The counter's loop ends when its turn has come, after the events that have
/// been received; then the client closes its connections.
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

/// Counts trades until it is shut down.
struct TradeCounter: Service {
    let client: HyperliquidClient

    func run() async throws {
        var count = 0
        // Returns at once, even if the client is not running yet; it subscribes as soon as it runs.
        let trades = try await client.subscribe(to: .trades("BTC"), until: .registered)
        for try await event in trades.prefix(20) { count += event.data?.count ?? 0 }
        print("\(count) trades")
    }
}
