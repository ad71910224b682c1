package import HyperliquidEngine

/// Where the messages of one upstream subscription go: its dispatchers, one a feed type, and its counters.
/// Bound to the client's loop.
@safe package final class UpstreamDispatcher {
    let id: UpstreamID
    let request: FeedRequest
    let traits: FeedTraits
    let routeKey: RouteKey
    private(set) var feedDispatchers: [AnyFeedDispatcher] = []
    /// The dispatcher, if there is just one: nearly always. Owned by `feedDispatchers`, and by the queue once it has left.
    private var onlyFeedDispatcher: Unmanaged<AnyFeedDispatcher>?
    private let queue: _FlushQueue
    /// Unchecked: no access to it calls anything else.
    @exclusivity(unchecked) private var counted = MessageCounters()
    var traffic: MessageCounters { unsafe counted }
    /// What was wrong with the last message that could not be read.
    private(set) var fault: DecodingFault?
    /// Whether every dispatcher can tell another subscription's message from its own once it is decoded.
    private(set) var verifiesKey = true
    /// When the engine is next told that it ticks; never, if it may rightly be silent.
    var nextReport: Instant
    /// Whether its first message since it was asked for is still to come.
    var awaitsFirst = false { didSet { noteCare() } }
    /// What both connections bring while it moves, where the feed repeats nothing.
    private var handover: Handover? { didSet { noteCare() } }
    /// Whether something is to be looked at before its next message is delivered.
    private(set) var needsCare = false
    /// The connections that carry it: one, or two while it moves.
    private(set) var connections: [ConnectionID] = []
    /// When it was asked for or its last message came: a gap begins there.
    private(set) var lastHeardMilliseconds: Int64
    /// When it was asked for last.
    private var askedMilliseconds: Int64

    package init(
        id: UpstreamID, request: FeedRequest, traits: FeedTraits, queue: _FlushQueue, atMilliseconds now: Int64
    ) {
        self.id = id
        self.queue = queue
        self.request = request
        self.traits = traits
        routeKey = RouteKey(traits.routeKey)
        let ticks = traits.snapshot == .everyMessage && request.user == nil
        nextReport = Instant(nanoseconds: ticks ? .min : .max)
        lastHeardMilliseconds = now
        askedMilliseconds = now
    }

    /// The dispatcher of a feed type; made when nobody asked for this type yet.
    func feedDispatcher<F: Feed>(for feed: F) -> _FeedDispatcher<F> {
        for case let typed as TypedFeedDispatcher<F> in feedDispatchers { return typed.feedDispatcher }
        let typed = TypedFeedDispatcher(_FeedDispatcher(feed: feed))
        typed.subscribed(atMilliseconds: askedMilliseconds)
        feedDispatchers.append(typed)
        feedDispatchersChanged()
        return typed.feedDispatcher
    }

    func removeEmptyFeedDispatchers() {
        for feedDispatcher in feedDispatchers where feedDispatcher.isEmpty { queue.deferRelease(feedDispatcher) }
        feedDispatchers.removeAll { $0.isEmpty }
        feedDispatchersChanged()
    }

    private func feedDispatchersChanged() {
        unsafe onlyFeedDispatcher = feedDispatchers.count == 1 ? Unmanaged.passUnretained(feedDispatchers[0]) : nil
        verifiesKey = traits.routeKey.isEmpty || feedDispatchers.allSatisfy(\.verifiesKey)
    }

    func subscribed(atMilliseconds now: Int64) {
        askedMilliseconds = now
        for feedDispatcher in feedDispatchers { feedDispatcher.subscribed(atMilliseconds: now) }
    }

    func announce(_ gap: Gap) {
        unsafe counted.totals.gapCount += 1
        for feedDispatcher in feedDispatchers { feedDispatcher.announce(gap) }
    }

    /// A connection carries it from now on, or no longer does. While none does, what is cached grows old.
    func attach(_ connection: ConnectionID) {
        awaitsFirst = true
        connections.append(connection)
    }

    func detach(_ connection: ConnectionID) {
        connections.removeAll { $0 == connection }
        guard connections.isEmpty else { return }
        handover = nil
        for feedDispatcher in feedDispatchers { feedDispatcher.forgetState() }
    }

    func beginHandover(from connection: ConnectionID) {
        handover = Handover(from: connection, isDistinct: traits.hasDistinctMessages)
    }

    func cancelHandover() { handover = nil }

    /// Whether a message is to be delivered now, rather than later or never.
    func admits(_ reader: borrowing MessageReader, from connection: ConnectionID, at now: Instant) -> Bool {
        handover?.arrived(reader.message, on: connection, at: now) ?? true
    }

    private func noteCare() { needsCare = awaitsFirst || handover?.isOver == false }

    /// What has waited for the end of the connection that it leaves.
    func endHandover(isLost: Bool, at now: Instant, timeout: Duration) -> Handover.Remainder? {
        handover?.oldEnded(isLost: isLost, at: now, timeout: timeout)
    }

    /// Whether nothing can be made of what comes until it is asked for again.
    var hasLostBase: Bool { feedDispatchers.contains { $0.hasLostBase } }

    /// Decodes a message for each feed type and hands it to the subscribers.
    func receive(_ reader: inout MessageReader, at now: Int64) -> _DispatchOutcome {
        let outcome = _dispatch(&reader, at: now)
        guard outcome != .notMine else { return outcome }
        unsafe counted.count(byteCount: reader.byteCount, atMilliseconds: now)
        lastHeardMilliseconds = now
        return outcome
    }

    /// Nearly always there is one feed type.
    @inline(__always) private func _dispatch(_ reader: inout MessageReader, at now: Int64) -> _DispatchOutcome {
        guard let onlyFeedDispatcher = unsafe onlyFeedDispatcher else { return pumpAll(&reader, at: now) }
        let outcome = unsafe onlyFeedDispatcher._withUnsafeGuaranteedRef { $0._dispatch(&reader) }
        if outcome == .fault { announceFault(of: feedDispatchers, at: now) }
        return outcome
    }

    private func pumpAll(_ reader: inout MessageReader, at now: Int64) -> _DispatchOutcome {
        var faulty: [AnyFeedDispatcher] = []
        let start = reader
        for feedDispatcher in feedDispatchers {
            reader = start
            switch feedDispatcher._dispatch(&reader) {
            case .delivered: break
            case .notMine: return .notMine
            case .fault: faulty.append(feedDispatcher)
            }
        }
        if !faulty.isEmpty { announceFault(of: faulty, at: now) }
        return faulty.isEmpty ? .delivered : .fault
    }

    private func announceFault(of faulty: [AnyFeedDispatcher], at now: Int64) {
        unsafe counted.totals.undecodableCount += 1
        fault = faulty.last?.fault
        for feedDispatcher in faulty
        where feedDispatcher.announceFault(fromMilliseconds: lastHeardMilliseconds, toMilliseconds: now) {
            unsafe counted.totals.gapCount += 1
        }
    }
}

/// A dispatcher whose feed type is hidden.
class AnyFeedDispatcher {
    var isEmpty: Bool { true }
    var verifiesKey: Bool { false }
    var hasLostBase: Bool { false }
    var fault: DecodingFault? { nil }
    func subscribed(atMilliseconds now: Int64) {}
    func announce(_ gap: Gap) {}
    func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool { false }
    func forgetState() {}
    func _dispatch(_ reader: inout MessageReader) -> _DispatchOutcome { .delivered }
}

/// The one place where a message meets its feed's type; the work is in `F._dispatch`, compiled with the feed.
final class TypedFeedDispatcher<F: Feed>: AnyFeedDispatcher {
    let feedDispatcher: _FeedDispatcher<F>

    init(_ feedDispatcher: _FeedDispatcher<F>) {
        self.feedDispatcher = feedDispatcher
    }

    override var isEmpty: Bool { feedDispatcher.isEmpty }
    override var verifiesKey: Bool { F.verifiesKey }
    override var hasLostBase: Bool { feedDispatcher.hasLostBase }
    override var fault: DecodingFault? { feedDispatcher.fault }
    override func subscribed(atMilliseconds now: Int64) { feedDispatcher.subscribed(atMilliseconds: now) }
    override func announce(_ gap: Gap) { feedDispatcher.announce(gap) }
    override func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool {
        feedDispatcher.announceFault(fromMilliseconds: fromMilliseconds, toMilliseconds: toMilliseconds)
    }
    override func forgetState() { feedDispatcher.forgetState() }
    override func _dispatch(_ reader: inout MessageReader) -> _DispatchOutcome {
        F._dispatch(&reader, into: feedDispatcher)
    }
}
