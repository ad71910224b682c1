package import HyperliquidEngine

/// Dispatches the messages of one upstream subscription: decodes each once per feed type, gives the events to their
/// subscribers, and counts the messages. Bound to the client's loop.
@safe package final class UpstreamDispatcher {
    package let id: UpstreamID
    package let request: FeedRequest
    let traits: FeedTraits
    let routeKey: _RouteKey
    private var feedDispatchers: [AnyFeedDispatcher] = []
    /// The only element of `feedDispatchers`; `nil` if there is none, or if there are several, which is rare. It is
    /// owned by `feedDispatchers` and, once removed there, by the flush queue until the end of the read.
    private var onlyFeedDispatcher: Unmanaged<AnyFeedDispatcher>?
    private let queue: _FlushQueue
    /// Its exclusivity is not checked at run time, because no access to the counters calls other code.
    @exclusivity(unchecked) private var counted = MessageCounters()
    var counters: MessageCounters { unsafe counted }
    /// The fault of the last message that could not be decoded.
    package private(set) var fault: DecodingFault?
    /// Whether every feed type recognises another subscription's message once it is decoded.
    private(set) var verifiesKey = true
    /// The key by which the venue's messages name the feed, if it is another one than `routeKey`.
    private(set) var spelling: _RouteKey?
    /// Whether the feed sends states at intervals, so that its silence has a meaning.
    let ticks: Bool
    /// What this feed's own messages show of the venue's clock. A wrong time on another feed has no effect on it.
    private var clock = VenueClock()
    /// The lag, in milliseconds, from which on a message shows an old state.
    private static let longestLag: Int64 = 30_000
    /// The time of the next report of a message. There is at most one per second.
    var nextReport = Instant(nanoseconds: .min)
    /// When the first message since the last subscribe came. It may repeat old events; later ones are live.
    private(set) var firstMessageAt = Instant(nanoseconds: .max)
    /// Whether the first message since the last subscribe is still to come.
    var awaitsFirst = false { didSet { updateNeedsCare() } }
    /// Merges the messages of both connections during a move, if the feed sends neither a snapshot nor a replay.
    private var handover: Handover? { didSet { updateNeedsCare() } }
    /// Whether the next message needs a check before it is dispatched.
    private(set) var needsCare = false
    /// The connections on which the messages come: one, or two during a move.
    package private(set) var connections: [ConnectionID] = []
    /// When the last message came, or the last subscribe was sent: a gap begins there.
    // Not of `package` access, because accesses would then be checked at run time, and it is written per message.
    private var lastHeardMilliseconds: Int64
    /// When the last subscribe was sent.
    private var subscribedMilliseconds: Int64
    /// The same by the monotonic clock; `nil` if it is not known.
    private var subscribedAt: Instant?

    /// Makes a dispatcher without subscribers, on no connection.
    package init(
        id: UpstreamID, request: FeedRequest, traits: FeedTraits, queue: _FlushQueue, atMilliseconds now: Int64
    ) {
        self.id = id
        self.queue = queue
        self.request = request
        self.traits = traits
        routeKey = _RouteKey(traits.routeKey)
        ticks = traits.ticks
        lastHeardMilliseconds = now
        subscribedMilliseconds = now
    }

    // MARK: Feed types

    /// The dispatcher of a feed type; made at the first call for that type.
    package func feedDispatcher<F: Feed>(for feed: F) -> _FeedDispatcher<F> {
        for case let typed as TypedFeedDispatcher<F> in feedDispatchers { return typed.feedDispatcher }
        let typed = TypedFeedDispatcher(_FeedDispatcher(feed: feed))
        typed.subscribed(atMilliseconds: subscribedMilliseconds)
        if !connections.isEmpty, !awaitsFirst { typed.firstMessageWasMissed() }
        typed.acceptsAnyKey = spelling != nil
        feedDispatchers.append(typed)
        feedDispatchersChanged()
        return typed.feedDispatcher
    }

    /// Removes the feed types that have no subscribers left.
    package func removeEmptyFeedDispatchers() {
        for feedDispatcher in feedDispatchers where feedDispatcher.isEmpty { queue.deferRelease(feedDispatcher) }
        feedDispatchers.removeAll { $0.isEmpty }
        feedDispatchersChanged()
    }

    private func feedDispatchersChanged() {
        unsafe onlyFeedDispatcher = feedDispatchers.count == 1 ? Unmanaged.passUnretained(feedDispatchers[0]) : nil
        verifiesKey = spelling == nil && (traits.routeKey.isEmpty || feedDispatchers.allSatisfy(\.verifiesKey))
    }

    // MARK: The venue's spelling

    /// Notes the key by which the venue's messages name the feed; `nil` if it turns out to be that of another feed.
    func adopt(_ spelling: _RouteKey?) {
        self.spelling = spelling
        for feedDispatcher in feedDispatchers { feedDispatcher.acceptsAnyKey = spelling != nil }
        feedDispatchersChanged()
    }

    /// Whether no message has ever come.
    var isSilent: Bool { unsafe awaitsFirst && counted.totals.messageCount == 0 }

    /// The position of the coin in the key; `nil` if the key has none.
    var coinPosition: Int? { request.coin.flatMap { traits.routeKey.firstIndex(of: $0) } }

    /// The key that the feed would have with this coin; `nil` if its key has none.
    func routeKey(withCoin coin: String) -> _RouteKey? {
        coinPosition.map { position in
            var values = traits.routeKey
            values[position] = coin
            return _RouteKey(values)
        }
    }

    // MARK: The upstream subscription

    /// Notes that a subscribe is about to be sent, so that the messages that follow may repeat earlier ones.
    ///
    /// - Parameters:
    ///   - now: The time of day, in milliseconds since 1970.
    ///   - instant: The same time on the engine's time line.
    package func subscribed(atMilliseconds now: Int64, at instant: Instant? = nil) {
        subscribedMilliseconds = now
        subscribedAt = instant
        for feedDispatcher in feedDispatchers { feedDispatcher.subscribed(atMilliseconds: now) }
    }

    /// Notes that the first message since the last subscribe is about to be dispatched.
    ///
    /// - Parameter clock: What is known of the venue's clock, which tells repeated rows from live ones.
    func firstMessageArrived(at now: Instant, _ clock: VenueClock) {
        awaitsFirst = false
        firstMessageAt = now
        // A venue that marks its snapshots says itself what is repeated.
        let cutoff =
            traits.snapshot == .marked ? .everythingIsLive : clock.cutoff(subscribedAt: subscribedAt ?? now, at: now)
        for feedDispatcher in feedDispatchers { feedDispatcher.firstMessageArrived(cutoff) }
    }

    /// The venue's time of the last message, in milliseconds since 1970; `nil` if it has none or was no update.
    var venueMilliseconds: Int64? { feedDispatchers.lazy.map(\.venueMilliseconds).first { $0 != 0 } }

    /// Whether the last message lags by less than 30 s behind the fastest messages of this feed. A message without a time
    /// counts as new.
    ///
    /// - Parameter now: When it came.
    func isTimely(at now: Instant) -> Bool {
        guard let milliseconds = venueMilliseconds else { return true }
        clock.liveMessageArrived(milliseconds, at: now)
        return clock.lag(of: milliseconds, at: now).map { $0 < Self.longestLag } ?? true
    }

    /// When a gap that is announced now begins: with the last message, or the last subscribe before it.
    package var gapStartMilliseconds: Int64 { lastHeardMilliseconds }

    /// Gives a gap to all subscribers.
    package func announce(_ gap: Gap) {
        unsafe counted.totals.gapCount += 1
        for feedDispatcher in feedDispatchers { feedDispatcher.announce(gap) }
    }

    /// Notes that the messages come on this connection from now on.
    package func attach(_ connection: ConnectionID) {
        awaitsFirst = true
        connections.append(connection)
    }

    /// Notes that the messages no longer come on this connection. Once there is no connection, cached states are
    /// forgotten.
    package func detach(_ connection: ConnectionID) {
        connections.removeAll { $0 == connection }
        guard connections.isEmpty else { return }
        handover = nil
        for feedDispatcher in feedDispatchers { feedDispatcher.forgetState() }
    }

    /// The traces of the listings in the last state.
    var listingEvidence: [ListingEvidence] { feedDispatchers.flatMap(\.listingEvidence) }

    // MARK: Handover

    /// Begins a handover: another connection is about to bring the same messages, without a snapshot or a replay.
    package func beginHandover(from connection: ConnectionID) {
        handover = Handover(from: connection, isDistinct: traits.hasDistinctMessages)
    }

    /// Cancels the handover, because the move has failed. The messages that it holds back are dropped.
    package func cancelHandover() { handover = nil }

    /// Whether a message is dispatched now, rather than later or never.
    package func admits(_ reader: borrowing MessageReader, from connection: ConnectionID, at now: Instant) -> Bool {
        handover?.arrived(reader.message, on: connection, at: now) ?? true
    }

    private func updateNeedsCare() { needsCare = awaitsFirst || handover?.isOver == false }

    /// Notes that the old connection brings no more messages.
    /// - Returns: The new connection's messages that waited for this; `nil` if no handover was under way.
    package func endHandover(isLost: Bool, at now: Instant, timeout: Duration) -> Handover.Remainder? {
        handover?.oldEnded(isLost: isLost, at: now, timeout: timeout)
    }

    // MARK: Messages

    /// Whether the messages are changes to a state that is not known, so that a new subscribe is needed.
    package var hasLostBase: Bool { feedDispatchers.contains { $0.hasLostBase } }

    /// Decodes a message for each feed type, and gives the events to the subscribers.
    package func dispatch(_ reader: inout MessageReader, atMilliseconds now: Int64) -> _DispatchOutcome {
        let outcome = dispatchToFeeds(&reader, at: now)
        guard outcome != .notMine else { return outcome }
        // The reader stands behind the envelope, and another one may follow. After a fault, it stands anywhere.
        unsafe counted.count(
            byteCount: outcome == .fault ? reader.byteCount : reader.byteOffset, atMilliseconds: now)
        lastHeardMilliseconds = now
        return outcome
    }

    /// Dispatches a message to the only feed type, or to all of them if there are several, which is rare.
    @inline(__always) private func dispatchToFeeds(_ reader: inout MessageReader, at now: Int64) -> _DispatchOutcome {
        guard let onlyFeedDispatcher = unsafe onlyFeedDispatcher else { return dispatchToAllFeeds(&reader, at: now) }
        let outcome = unsafe onlyFeedDispatcher._withUnsafeGuaranteedRef { $0.dispatch(&reader) }
        if outcome == .fault { announceFault(of: feedDispatchers, at: now) }
        return outcome
    }

    private func dispatchToAllFeeds(_ reader: inout MessageReader, at now: Int64) -> _DispatchOutcome {
        var faulty: [AnyFeedDispatcher] = []
        let start = reader
        for feedDispatcher in feedDispatchers {
            reader = start
            switch feedDispatcher.dispatch(&reader) {
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

/// The dispatcher of one feed type, in a form that does not name the type.
private class AnyFeedDispatcher {
    var isEmpty: Bool { true }
    var verifiesKey: Bool { false }
    var acceptsAnyKey: Bool {
        get { false }
        set {}
    }
    var hasLostBase: Bool { false }
    var venueMilliseconds: Int64 { 0 }
    var fault: DecodingFault? { nil }
    func subscribed(atMilliseconds now: Int64) {}
    func firstMessageArrived(_ cutoff: ReplayCutoff) {}
    func firstMessageWasMissed() {}
    func announce(_ gap: Gap) {}
    func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool { false }
    func forgetState() {}
    var listingEvidence: [ListingEvidence] { [] }
    func dispatch(_ reader: inout MessageReader) -> _DispatchOutcome { .delivered }
}

/// Passes the messages to `F._dispatch`, which is compiled together with the feed.
private final class TypedFeedDispatcher<F: Feed>: AnyFeedDispatcher {
    let feedDispatcher: _FeedDispatcher<F>

    init(_ feedDispatcher: _FeedDispatcher<F>) {
        self.feedDispatcher = feedDispatcher
    }

    override var isEmpty: Bool { feedDispatcher.isEmpty }
    override var verifiesKey: Bool { F.verifiesKey }
    override var acceptsAnyKey: Bool {
        get { feedDispatcher.acceptsAnyKey }
        set { feedDispatcher.acceptsAnyKey = newValue }
    }
    override var hasLostBase: Bool { feedDispatcher.hasLostBase }
    override var venueMilliseconds: Int64 { feedDispatcher.venueMilliseconds }
    override var fault: DecodingFault? { feedDispatcher.fault }
    override func subscribed(atMilliseconds now: Int64) { feedDispatcher.subscribed(atMilliseconds: now) }
    override func firstMessageArrived(_ cutoff: ReplayCutoff) { feedDispatcher.firstMessageArrived(cutoff) }
    override func firstMessageWasMissed() { feedDispatcher.firstMessageWasMissed() }
    override func announce(_ gap: Gap) { feedDispatcher.announce(gap) }
    override func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool {
        feedDispatcher.announceFault(fromMilliseconds: fromMilliseconds, toMilliseconds: toMilliseconds)
    }
    override func forgetState() { feedDispatcher.forgetState() }
    override var listingEvidence: [ListingEvidence] {
        (feedDispatcher.lastState as? any ShowsListings)?.listingEvidence ?? []
    }
    override func dispatch(_ reader: inout MessageReader) -> _DispatchOutcome {
        F._dispatch(&reader, into: feedDispatcher)
    }
}

/// Counts of the messages of one upstream subscription.
struct MessageCounters {
    /// Sums since the upstream subscription was made.
    struct Totals {
        fileprivate(set) var messageCount = 0
        fileprivate(set) var byteCount = 0
        var gapCount = 0
        var undecodableCount = 0
    }

    var totals = Totals()
    private(set) var lastMessageMilliseconds: Int64?
    /// The messages in each of the 59 seconds before the current one; empty before the first message.
    private var seconds: [UInt32] = []
    private var currentSecond: Int64 = 0
    private var currentCount: UInt32 = 0
    private var nextSecondMilliseconds: Int64 = 0

    @inline(__always) mutating func count(byteCount bytes: Int, atMilliseconds now: Int64) {
        totals.messageCount &+= 1
        totals.byteCount &+= bytes
        lastMessageMilliseconds = now
        // The current second is counted outside of the array, which saves a division and a uniqueness check per
        // message.
        if UInt64(bitPattern: nextSecondMilliseconds &- now &- 1) >= 1000 { advance(to: now / 1000) }
        currentCount &+= 1
    }

    private mutating func advance(to second: Int64) {
        if seconds.isEmpty {
            seconds = Array(repeating: 0, count: 60)
        } else {
            seconds[Self.index(of: currentSecond)] = currentCount
            // If the clock was set back, the counts of the last minute are cleared.
            let steps = second > currentSecond ? min(second - currentSecond, 60) : 60
            for step in 0..<steps { seconds[Self.index(of: second - step)] = 0 }
        }
        currentSecond = second
        currentCount = 0
        nextSecondMilliseconds = (second + 1) * 1000
    }

    /// The index of a second's count; a second before 1970 has one, too.
    private static func index(of second: Int64) -> Int { Int(second % 60 + 60) % 60 }

    /// The number of messages in the 60 s before `now`.
    func lastMinuteCount(atMilliseconds now: Int64) -> Int {
        let second = now / 1000
        guard !seconds.isEmpty, second - currentSecond < 60, second >= currentSecond else { return 0 }
        let earlier = (1..<60).prefix(Int(59 - (second - currentSecond)))
        return earlier.reduce(Int(currentCount)) { $0 + Int(seconds[Self.index(of: currentSecond - Int64($1))]) }
    }
}

extension FeedRequest {
    /// The coin that is asked for; `nil` if there is none.
    package var coin: String? {
        guard case .string(let name)? = fields.first(where: { $0.name == "coin" })?.value else { return nil }
        return name
    }
}
