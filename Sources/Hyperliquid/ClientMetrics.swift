internal import CoreMetrics
internal import HyperliquidEngine

/// Every metric that a client emits to the process's metrics system, each with the dimension `network`.
///
/// Counters: `hyperliquid.messages`, `hyperliquid.bytes`, `hyperliquid.unrouted` (these three once a second),
/// `hyperliquid.gaps` (by `reason`), `hyperliquid.undecodable`, `hyperliquid.overflows`, `hyperliquid.slow_calls`,
/// `hyperliquid.connections_opened`, `hyperliquid.connections_ended`, `hyperliquid.subscriptions_failed` (by `code`).
/// Gauges: `hyperliquid.subscriptions`, `hyperliquid.connections`.
struct ClientMetrics {
    private let network: String
    private let messages: Counter
    private let bytes: Counter
    private let unrouted: Counter
    private let undecodable: Counter
    private let overflows: Counter
    private let slowCalls: Counter
    private let opened: Counter
    private let ended: Counter
    private let subscriptions: Gauge
    private let connections: Gauge
    private var told = ClientCore.Counters()
    private var nextTelling = Instant(nanoseconds: .min)

    init(network: HyperliquidNetwork) {
        let name = network.description
        self.network = name
        func counter(_ label: String) -> Counter {
            Counter(label: "hyperliquid.\(label)", dimensions: [("network", name)])
        }
        func gauge(_ label: String) -> Gauge { Gauge(label: "hyperliquid.\(label)", dimensions: [("network", name)]) }
        messages = counter("messages")
        bytes = counter("bytes")
        unrouted = counter("unrouted")
        undecodable = counter("undecodable")
        overflows = counter("overflows")
        slowCalls = counter("slow_calls")
        opened = counter("connections_opened")
        ended = counter("connections_ended")
        subscriptions = gauge("subscriptions")
        connections = gauge("connections")
    }

    /// Tells what has been counted, once a second: a metrics system may be too slow to be told of each message.
    @inline(__always) mutating func tell(_ counters: ClientCore.Counters, _ core: ClientCore, at now: Instant) {
        if now >= nextTelling { tellAll(counters, core, at: now) }
    }

    mutating func tellAll(_ counters: ClientCore.Counters, _ core: ClientCore, at now: Instant) {
        nextTelling = now.advanced(by: .seconds(1))
        messages.increment(by: counters.messageCount - told.messageCount)
        bytes.increment(by: counters.byteCount - told.byteCount)
        unrouted.increment(by: counters.unroutedCount - told.unroutedCount)
        told = counters
        subscriptions.record(core.records.count)
        connections.record(core.ports.values.count { $0.connection != nil })
    }

    func count(_ notice: ClientEvent) {
        switch notice {
        case .slowCall: slowCalls.increment()
        case .overflow: overflows.increment()
        case .undecodable: undecodable.increment()
        case .gap(_, let reason):
            Counter(label: "hyperliquid.gaps", dimensions: [("network", network), ("reason", reason.rawValue)])
                .increment()
        case .opened: opened.increment()
        case .closed: ended.increment()
        case .failed(_, let error):
            Counter(
                label: "hyperliquid.subscriptions_failed",
                dimensions: [("network", network), ("code", error.code.description)]
            ).increment()
        }
    }
}
