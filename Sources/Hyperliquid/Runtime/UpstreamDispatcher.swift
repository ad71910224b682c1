package import HyperliquidEngine

/// Dispatches the messages of one upstream subscription: decodes each once per feed type, gives the events to their
/// subscribers, and counts. Bound to the client's loop.
@safe package final class UpstreamDispatcher {
    package let id: UpstreamID
    package let request: FeedRequest
    let traits: FeedTraits
    let routeKey: RouteKey
    private var feedDispatchers: [AnyFeedDispatcher] = []
    /// The feed type's dispatcher, if there is only one, as nearly always. Owned by `feedDispatchers` and, once it has
    /// left, by the flush queue until the end of the read.
    private var onlyFeedDispatcher: Unmanaged<AnyFeedDispatcher>?
    private let queue: _FlushQueue
    /// Unchecked: no access to it calls anything else.
    @exclusivity(unchecked) private var counted = MessageCounters()
    var counters: MessageCounters { unsafe counted }
    /// The fault of the last message that could not be decoded.
    package private(set) var fault: DecodingFault?
    /// Whether every feed type recognises another subscription's message once it is decoded.
    private(set) var verifiesKey = true
    /// When the engine next learns that the feed ticks; never, for a feed that may be silent.
    var nextReport: Instant
    /// Whether the first message since the last subscribe is still to come.
    var awaitsFirst = false { didSet { updateNeedsCare() } }
    /// Joins the messages of both connections during a move, for a feed that repeats nothing.
    private var handover: Handover? { didSet { updateNeedsCare() } }
    /// Whether the next message needs a check before it is dispatched.
    private(set) var needsCare = false
    /// The connections on which its messages come: one, or two during a move.
    package private(set) var connections: [ConnectionID] = []
    /// When the last message came, or the last subscribe was sent: a gap begins there.
    // Not of `package` access, as nothing that is written per message: its accesses would be checked at run time.
    private var lastHeardMilliseconds: Int64
    /// When the last subscribe was sent.
    private var subscribedMilliseconds: Int64

    /// A dispatcher without subscribers, on no connection.
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
        subscribedMilliseconds = now
    }

    // MARK: Feed types

    /// The dispatcher of a feed type; made at the first call for that type.
    package func feedDispatcher<F: Feed>(for feed: F) -> _FeedDispatcher<F> {
        for case let typed as TypedFeedDispatcher<F> in feedDispatchers { return typed.feedDispatcher }
        let typed = TypedFeedDispatcher(_FeedDispatcher(feed: feed))
        typed.subscribed(atMilliseconds: subscribedMilliseconds)
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
        verifiesKey = traits.routeKey.isEmpty || feedDispatchers.allSatisfy(\.verifiesKey)
    }

    // MARK: The upstream subscription

    /// A subscribe is about to be sent: the messages that follow may repeat earlier ones.
    package func subscribed(atMilliseconds now: Int64) {
        subscribedMilliseconds = now
        for feedDispatcher in feedDispatchers { feedDispatcher.subscribed(atMilliseconds: now) }
    }

    /// When a gap that is announced now begins: with the last message, or the last subscribe before it.
    package var gapStartMilliseconds: Int64 { lastHeardMilliseconds }

    /// Gives a gap to all subscribers.
    package func announce(_ gap: Gap) {
        unsafe counted.totals.gapCount += 1
        for feedDispatcher in feedDispatchers { feedDispatcher.announce(gap) }
    }

    /// Its messages come on this connection from now on.
    package func attach(_ connection: ConnectionID) {
        awaitsFirst = true
        connections.append(connection)
    }

    /// Its messages come on this connection no longer. Once there is no connection, cached states are forgotten.
    package func detach(_ connection: ConnectionID) {
        connections.removeAll { $0 == connection }
        guard connections.isEmpty else { return }
        handover = nil
        for feedDispatcher in feedDispatchers { feedDispatcher.forgetState() }
    }

    // MARK: Handover

    /// Another connection is about to bring the same messages, and repeats nothing.
    package func beginHandover(from connection: ConnectionID) {
        handover = Handover(from: connection, isDistinct: traits.hasDistinctMessages)
    }

    /// The move has failed: the messages that wait for its end are dropped.
    package func cancelHandover() { handover = nil }

    /// Whether a message is dispatched now, rather than later or never.
    package func admits(_ reader: borrowing MessageReader, from connection: ConnectionID, at now: Instant) -> Bool {
        handover?.arrived(reader.message, on: connection, at: now) ?? true
    }

    private func updateNeedsCare() { needsCare = awaitsFirst || handover?.isOver == false }

    /// The old connection brings nothing more.
    /// - Returns: The new connection's messages that waited for this; `nil` if no handover was under way.
    package func endHandover(isLost: Bool, at now: Instant, timeout: Duration) -> Handover.Remainder? {
        handover?.oldEnded(isLost: isLost, at: now, timeout: timeout)
    }

    // MARK: Messages

    /// Whether its messages change a state that is not known, so that a new subscribe is needed.
    package var hasLostBase: Bool { feedDispatchers.contains { $0.hasLostBase } }

    /// Decodes a message for each feed type, and gives the events to the subscribers.
    package func dispatch(_ reader: inout MessageReader, atMilliseconds now: Int64) -> _DispatchOutcome {
        let outcome = dispatchToFeeds(&reader, at: now)
        guard outcome != .notMine else { return outcome }
        unsafe counted.count(byteCount: reader.byteCount, atMilliseconds: now)
        lastHeardMilliseconds = now
        return outcome
    }

    /// Nearly always there is one feed type.
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

/// The dispatcher of one feed type, with the type hidden.
private class AnyFeedDispatcher {
    var isEmpty: Bool { true }
    var verifiesKey: Bool { false }
    var hasLostBase: Bool { false }
    var fault: DecodingFault? { nil }
    func subscribed(atMilliseconds now: Int64) {}
    func announce(_ gap: Gap) {}
    func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool { false }
    func forgetState() {}
    func dispatch(_ reader: inout MessageReader) -> _DispatchOutcome { .delivered }
}

/// The one place where a message meets its feed's type; the work is done by `F._dispatch`, compiled with the feed.
private final class TypedFeedDispatcher<F: Feed>: AnyFeedDispatcher {
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
        // Counted outside of the array: no division and no uniqueness check per message.
        if UInt64(bitPattern: nextSecondMilliseconds &- now &- 1) >= 1000 { advance(to: now / 1000) }
        currentCount &+= 1
    }

    private mutating func advance(to second: Int64) {
        if seconds.isEmpty {
            seconds = Array(repeating: 0, count: 60)
        } else {
            seconds[Self.index(of: currentSecond)] = currentCount
            // A clock that was set back empties the last minute.
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
