/// Decodes the messages of one upstream subscription for one feed type and delivers the events to its subscribers.
///
/// Bound to the client's loop. Public only because the code that uses it is compiled with each feed.
@_documentation(visibility: internal)
@safe public final class _FeedDispatcher<F: Feed> {
    /// The state that the feed keeps from message to message.
    ///
    /// Its exclusivity is not checked, because the code that receives the memory cannot reach this dispatcher. A check
    /// that stays open during decoding would make every other check search the runtime's list of open accesses, at a
    /// cost of 400 instructions per message.
    @exclusivity(unchecked) @usableFromInline var memory = F.Memory()
    @usableFromInline let feed: F
    @usableFromInline let opensWithState: Bool
    @usableFromInline let keepsState: Bool
    @usableFromInline let keepsRows: Bool
    @usableFromInline var subscribers: [_FeedSubscriber<F.Event>] = []
    // The accesses made for each message are unchecked: each one only loads or stores a value, on the client's loop,
    // and the checks were a sixth of the instructions of a short message.
    /// The subscriber, if there is exactly one, as there nearly always is. It is owned by `subscribers`, and by the
    /// flush queue after it was detached.
    @exclusivity(unchecked) @usableFromInline var onlySubscriber: Unmanaged<_FeedSubscriber<F.Event>>?
    /// Whether an event is no longer needed once it has been delivered: `true` if all subscribers are callbacks,
    /// because batches keep their events.
    @exclusivity(unchecked) @usableFromInline var reclaims = false
    /// Whether the next message is the first one since the feed was subscribed to.
    private var awaitsFirst = true
    /// The last state, which a later subscriber receives first. Kept if each event is a state.
    @exclusivity(unchecked) @usableFromInline var state: F.Event?
    /// The rows that a later subscriber receives first. Kept if the venue sends a marked snapshot and then rows.
    @usableFromInline var rows = HeldRows<F>()
    /// The gap that undecodable messages left. It is announced before the next event.
    private var faultGap: Gap?
    /// The fault of the last message that could not be decoded.
    public private(set) var fault: DecodingFault?
    /// Whether neither a first message nor a gap is pending. One check of this flag per message replaces both checks.
    @exclusivity(unchecked) @usableFromInline var isOnFastPath = false
    /// Whether the venue's messages name the feed by another key than the one that it was asked for by, so that all
    /// messages that are routed here belong to it.
    public var acceptsAnyKey = false
    /// The number of unknown fields and words so far.
    public var unknownCount = 0
    /// The venue's time of the last message, in milliseconds since 1970; 0 if it was no update, or has no time.
    public var venueMilliseconds: Int64 { unsafe lastVenueMilliseconds }
    @exclusivity(unchecked) @usableFromInline var lastVenueMilliseconds: Int64 = 0

    /// Creates a dispatcher without subscribers.
    @specialized(where F == L2BookFeed)
    @specialized(where F == TradesFeed)
    @specialized(where F == BestBidOfferFeed)
    public init(feed: F) {
        self.feed = feed
        let traits = feed.traits
        opensWithState = traits.snapshot == .everyMessage || traits.snapshot == .firstMessage
        keepsState = traits.deliversStates
        keepsRows = traits.snapshot == .marked && !traits.deliversStates
    }

    /// Whether messages mean nothing until the feed is subscribed to again. The client reads it after a fault.
    public var hasLostBase: Bool { unsafe memory.hasLostBase }

    /// The last state, if each event is one.
    public var lastState: F.Event? { unsafe state }

    /// Whether there is no subscriber.
    public var isEmpty: Bool { subscribers.isEmpty }

    /// Adds a subscriber and delivers what is held for later ones: the state, or the rows.
    /// - Returns: The number of gaps that were delivered.
    @discardableResult @inlinable public func attach(_ subscriber: _FeedSubscriber<F.Event>) -> Int {
        subscribers.append(subscriber)
        subscribersChanged()
        if let state = unsafe state { subscriber.receive(.snapshot(state)) }
        return keepsRows ? deliverRows(to: subscriber) : 0
    }

    @usableFromInline func deliverRows(to subscriber: _FeedSubscriber<F.Event>) -> Int {
        var gapCount = 0
        for event in rows.events {
            if case .gap = event { gapCount += 1 }
            subscriber.receive(event)
        }
        return gapCount
    }

    /// Removes a subscriber. It is released at the end of the read.
    public func detach(_ subscriber: _FeedSubscriber<F.Event>) {
        subscribers.removeAll { $0 === subscriber }
        subscribersChanged()
        subscriber.queue.deferRelease(subscriber)
    }

    @inlinable func subscribersChanged() {
        unsafe onlySubscriber = subscribers.count == 1 ? Unmanaged.passUnretained(subscribers[0]) : nil
        unsafe reclaims = subscribers.allSatisfy { $0.isCallback }
    }

    /// Prepares for messages that may repeat earlier ones: the upstream subscription was subscribed to, perhaps
    /// again.
    public func subscribed(atMilliseconds milliseconds: Int64) {
        unsafe memory.subscribed(atMilliseconds: milliseconds)
        awaitsFirst = true
        unsafe isOnFastPath = false
    }

    /// Notes what tells the repeated rows of the first message from its live ones. Called before it is decoded.
    public func firstMessageArrived(_ cutoff: ReplayCutoff) { unsafe memory.firstMessageArrived(cutoff) }

    /// Notes that the first message since the last subscribe came before this dispatcher was made.
    public func firstMessageWasMissed() {
        unsafe memory.firstMessageArrived(.everythingIsLive)
        rows.snapshotWasMissed()
    }

    /// Delivers a gap.
    public func announce(_ gap: Gap) {
        announceFaultGap()
        forgetState()
        send(.gap(gap))
    }

    /// Delivers the fault of the last message, and a gap before the next event.
    /// - Returns: Whether the gap begins with this fault.
    public func announceFault(fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool {
        guard let fault else { return false }
        let isFirst = faultGap == nil
        faultGap = Gap(
            reason: .undecodable, fromMilliseconds: faultGap?.fromMilliseconds ?? fromMilliseconds,
            toMilliseconds: toMilliseconds)
        unsafe isOnFastPath = false
        send(.undecodable(fault))
        return isFirst
    }

    private func announceFaultGap() {
        guard let gap = faultGap else { return }
        faultGap = nil
        // Unlike the rows that a lost connection misses, these do not come again.
        if keepsRows { rows.add(.gap(gap)) }
        send(.gap(gap))
    }

    /// Removes a cached state that is outdated. Rows stay valid: a restored subscription does not repeat them, so a
    /// later subscriber needs the cached ones.
    public func forgetState() {
        if keepsState { unsafe state = nil }
    }

    @inlinable func decode(_ reader: inout MessageReader) throws(DecodingFault) -> Decoded<F.Event> {
        try unsafe F.decode(&reader, memory: &memory)
    }

    /// Delivers the result of decoding a message.
    @inlinable public func deliver(_ decoded: consuming Decoded<F.Event>) -> _DispatchOutcome {
        guard unsafe isOnFastPath else { return dispatchSlowly(decoded) }
        switch consume decoded {
        case .update(let event):
            guard feed.accepts(event) || acceptsAnyKey else { return .notMine }
            if let time = F.venueMilliseconds(of: event) { unsafe lastVenueMilliseconds = time }
            if keepsRows { rows.add(.update(event)) }
            send(.update(event))
            // The event is moved into `state` after `send`, its last use. During `send`, no subscriber can be attached
            // that would miss it.
            if keepsState {
                var former: F.Event? = event
                unsafe swap(&former, &state)
                if unsafe reclaims, let former { unsafe F.reclaim(former, into: &memory) }
            } else if unsafe reclaims {
                unsafe F.reclaim(event, into: &memory)
            }
        case .snapshot(let event):
            guard feed.accepts(event) || acceptsAnyKey else { return .notMine }
            deliverState(event)
        case .snapshotAndUpdate(let both):
            guard feed.accepts(both.present) || acceptsAnyKey else { return .notMine }
            deliverBoth(both)
        case .nothing: unsafe lastVenueMilliseconds = 0
        }
        return .delivered
    }

    /// Delivers the first message since the feed was subscribed to, or the first one after a fault.
    @usableFromInline func dispatchSlowly(_ decoded: Decoded<F.Event>) -> _DispatchOutcome {
        switch decoded {
        case .update(let event), .snapshot(let event):
            guard feed.accepts(event) || acceptsAnyKey else { return .notMine }
            announceFaultGap()
        case .snapshotAndUpdate(let both):
            guard feed.accepts(both.present) || acceptsAnyKey else { return .notMine }
            announceFaultGap()
        case .nothing: break
        }
        let isFirst = awaitsFirst
        awaitsFirst = false
        unsafe isOnFastPath = faultGap == nil
        guard isFirst, opensWithState, case .update(let event) = decoded else {
            if case .nothing = decoded { return .delivered }
            return deliver(decoded)
        }
        // After a move without a gap, the old connection may have brought a newer state. The next message is whole again.
        if feed.traits.snapshot == .everyMessage, isOlderThanState(event) { return .delivered }
        deliverState(event)
        return .delivered
    }

    private func isOlderThanState(_ event: F.Event) -> Bool {
        guard let state = unsafe state, let last = F.venueMilliseconds(of: state),
            let time = F.venueMilliseconds(of: event)
        else { return false }
        return time < last
    }

    @usableFromInline func deliverState(_ event: F.Event) {
        unsafe lastVenueMilliseconds = 0
        if keepsRows { rows.add(snapshot: event) } else if keepsState { unsafe state = event }
        send(.snapshot(event))
    }

    @usableFromInline func deliverBoth(_ both: PastAndPresent<F.Event>) {
        deliverState(both.past)
        unsafe lastVenueMilliseconds = F.venueMilliseconds(of: both.present) ?? 0
        if keepsRows { rows.add(.update(both.present)) } else if keepsState { unsafe state = both.present }
        send(.update(both.present))
    }

    /// Records a message that could not be decoded.
    @usableFromInline func deliver(_ fault: DecodingFault) -> _DispatchOutcome {
        self.fault = fault
        unsafe lastVenueMilliseconds = 0
        return .fault
    }

    @usableFromInline func count(unknown: Int) { unknownCount &+= unknown }

    @inlinable @inline(__always) func send(_ event: FeedEvent<F.Event>) {
        if let onlySubscriber = unsafe onlySubscriber {
            return unsafe onlySubscriber._withUnsafeGuaranteedRef { $0.receive(event) }
        }
        for subscriber in subscribers { subscriber.receive(event) }
    }
}

/// The result of dispatching a message.
@_documentation(visibility: internal)
public enum _DispatchOutcome: Sendable {
    /// The message reached the subscribers.
    case delivered
    /// The message belongs to another subscription.
    case notMine
    /// The message could not be decoded; the dispatcher has the fault.
    case fault
}

/// The events of a feed of rows that a later subscriber is given: the first snapshot and the newest events behind it.
///
/// The venue sends a snapshot once per subscribe, so the client holds what a subscriber that joins later needs. If there
/// are too many events, the oldest behind the snapshot are dropped, and a gap tells the later subscriber which.
@usableFromInline struct HeldRows<F: Feed> {
    /// The maximum number of events behind the snapshot.
    private static var maximumCount: Int { 256 }

    private var snapshot: F.Event?
    private var later: [FeedEvent<F.Event>] = []
    /// The number of events that were dropped behind the snapshot; `nil` if a gap was among them.
    private var droppedCount: Int? = 0
    /// The times of the oldest and the newest dropped row by the venue's clock; `nil` if none is known.
    private var droppedTimes: ClosedRange<Int64>?
    /// Whether the feed was live before its rows were held, so that its snapshot was not seen.
    private var missesSnapshot = false

    /// Notes that the feed's snapshot has come already, and is not held.
    mutating func snapshotWasMissed() { missesSnapshot = true }

    /// Holds a snapshot: the first one, or the rows that a restored feed adds.
    mutating func add(snapshot event: F.Event) {
        if snapshot == nil, later.isEmpty { snapshot = event } else { add(.snapshot(event)) }
        missesSnapshot = false
    }

    /// Holds an event.
    @usableFromInline mutating func add(_ event: FeedEvent<F.Event>) {
        if later.count == Self.maximumCount { drop(Self.maximumCount / 2) }
        later.append(event)
    }

    private mutating func drop(_ count: Int) {
        for event in later.prefix(count) {
            guard let data = event.data else {
                droppedCount = nil
                continue
            }
            droppedCount? += 1
            guard let times = F.venueMillisecondsRange(of: data) else { continue }
            droppedTimes =
                droppedTimes.map {
                    min($0.lowerBound, times.lowerBound)...max($0.upperBound, times.upperBound)
                } ?? times
        }
        later.removeFirst(count)
    }

    /// The gap between the snapshot and the events behind it; `nil` if nothing is missing.
    private var gap: Gap? {
        guard droppedCount != 0 || missesSnapshot else { return nil }
        return Gap(
            reason: .lateJoin, fromMilliseconds: droppedTimes?.lowerBound ?? 0,
            toMilliseconds: droppedTimes?.upperBound ?? 0, missedCount: missesSnapshot ? nil : droppedCount)
    }

    /// What a later subscriber is given, in order.
    var events: [FeedEvent<F.Event>] {
        var events: [FeedEvent<F.Event>] = []
        if let snapshot { events.append(.snapshot(snapshot)) }
        if let gap { events.append(.gap(gap)) }
        return events + later
    }
}
