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

/// The messages without a subscription, by channel.
struct UnroutedChannels {
    /// The number of channels that are named: a venue that makes up names must not fill a metrics system.
    static let limit = 16
    /// How many bytes of a name are kept. Names of unknown channels come with no more.
    static let nameByteCount = 31

    private(set) var channels: [ConnectionInfo.UnroutedChannel] = []

    mutating func count(_ channel: String) {
        let name = String(decoding: channel.utf8.prefix(Self.nameByteCount), as: UTF8.self)
        if let index = channels.prefix(Self.limit).firstIndex(where: { $0.channel == name }) { return add(to: index) }
        if channels.count > Self.limit { return add(to: Self.limit) }
        channels.append(.init(channel: channels.count < Self.limit ? name : "others", messageCount: 1))
    }

    private mutating func add(to index: Int) {
        channels[index] = .init(channel: channels[index].channel, messageCount: channels[index].messageCount + 1)
    }
}

/// Emits the client's metrics to the process's metrics system, each with the dimension `network`.
///
/// Counters: `hyperliquid.messages`, `hyperliquid.bytes`, `hyperliquid.unrouted`, `hyperliquid.messages_unrouted` (by
/// `channel`, sixteen and `others`; these four once per second),
/// `hyperliquid.gaps` (by `reason`), `hyperliquid.undecodable`, `hyperliquid.overflows`, `hyperliquid.slow_calls`,
/// `hyperliquid.connections_opened`, `hyperliquid.connections_ended`, `hyperliquid.subscriptions_failed` (by `code`).
/// Gauges: `hyperliquid.subscriptions`, `hyperliquid.connections`, `hyperliquid.silent_feeds`.
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
    private let silentFeeds: Gauge
    private var emitted = ClientCounters()
    private var emittedUnrouted: [ConnectionInfo.UnroutedChannel] = []
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
        silentFeeds = gauge("silent_feeds")
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
        if counters.unroutedCount != emitted.unroutedCount { emitUnrouted(runtime.unroutedChannels.channels) }
        emitted = counters
        subscriptions.record(runtime.subscriptionCount)
        connections.record(runtime.openConnectionCount)
        silentFeeds.record(runtime.silentFeedCount)
    }

    private mutating func emitUnrouted(_ channels: [ConnectionInfo.UnroutedChannel]) {
        for (index, channel) in channels.enumerated() {
            let earlier = index < emittedUnrouted.count ? emittedUnrouted[index].messageCount : 0
            guard channel.messageCount > earlier else { continue }
            let dimensions = [("network", network), ("channel", channel.channel)]
            Counter(label: "hyperliquid.messages_unrouted", dimensions: dimensions)
                .increment(by: channel.messageCount - earlier)
        }
        emittedUnrouted = channels
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
        case .dialling, .requestSent, .subscriptionConfirmed, .connectionLost, .connectionSilent, .feedStale,
            .feedStaysSilent, .feedTicksAgain, .feedSuspected, .feedQuarantined, .requestUnanswered, .venueError,
            .limitRefusal, .messageUnrouted, .spellingAdopted, .listingsUnknown:
            break  // These events are only logged.
        case .subscriptionFailed(_, let error):
            Counter(
                label: "hyperliquid.subscriptions_failed",
                dimensions: [("network", network), ("code", error.code.description)]
            ).increment()
        }
    }
}
