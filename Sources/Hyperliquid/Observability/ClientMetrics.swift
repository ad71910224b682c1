internal import CoreMetrics
internal import HyperliquidEngine

/// Counts that belong to no single subscription.
struct ClientCounters {
    /// All messages, acknowledgements included.
    var messageCount = 0
    /// The size of these messages in bytes.
    var byteCount = 0
    /// Messages that belong to no subscription: late ones, unknown channels, texts that are not JSON.
    var unroutedCount = 0
    /// Callbacks that held up the loop.
    var slowCallCount = 0
}

/// Emits the client's metrics to the process's metrics system, each with the dimension `network`.
///
/// Counters: `hyperliquid.messages`, `hyperliquid.bytes`, `hyperliquid.unrouted` (these three once per second),
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
    private var emitted = ClientCounters()
    private var nextEmission = Instant(nanoseconds: .min)

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

    /// Emits what has been counted, once per second: a metrics system may be too slow for a call per message.
    @inline(__always) mutating func emitIfDue(
        _ counters: ClientCounters, of runtime: ClientRuntime, at now: Instant
    ) {
        if now >= nextEmission { emit(counters, of: runtime, at: now) }
    }

    /// Emits what has been counted since the last emission.
    mutating func emit(_ counters: ClientCounters, of runtime: ClientRuntime, at now: Instant) {
        nextEmission = now.advanced(by: .seconds(1))
        messages.increment(by: counters.messageCount - emitted.messageCount)
        bytes.increment(by: counters.byteCount - emitted.byteCount)
        unrouted.increment(by: counters.unroutedCount - emitted.unroutedCount)
        emitted = counters
        subscriptions.record(runtime.subscriptionCount)
        connections.record(runtime.openConnectionCount)
    }

    /// Counts an event.
    func count(_ event: ClientEvent) {
        switch event {
        case .callbackBlocked: slowCalls.increment()
        case .bufferOverflowed: overflows.increment()
        case .messageUndecodable: undecodable.increment()
        case .gapAnnounced(_, let reason):
            Counter(label: "hyperliquid.gaps", dimensions: [("network", network), ("reason", reason.rawValue)])
                .increment()
        case .connectionOpened: opened.increment()
        case .connectionClosed: ended.increment()
        case .connectionLost, .connectionSilent, .feedStale, .feedSuspected, .feedQuarantined, .requestUnanswered,
            .venueError, .limitRefusal:
            break  // These events are only logged.
        case .subscriptionFailed(_, let error):
            Counter(
                label: "hyperliquid.subscriptions_failed",
                dimensions: [("network", network), ("code", error.code.description)]
            ).increment()
        }
    }
}
