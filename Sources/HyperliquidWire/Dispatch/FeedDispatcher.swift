/// Where the messages of one upstream subscription become events of one feed type and reach its subscribers.
/// Bound to the client's loop. Public only because the code that uses it is compiled with each feed.
@safe public final class _FeedDispatcher<F: Feed> {
    /// What the feed carries from message to message. Unchecked: nothing that is given it comes back here, and a check
    /// as long as the decoding made each other one search the runtime's list: 400 instructions a message.
    @exclusivity(unchecked) @usableFromInline var memory = F.Memory()
    @usableFromInline let feed: F
    @usableFromInline let opensWithState: Bool
    @usableFromInline let keepsState: Bool
    @usableFromInline let keepsSnapshot: Bool
    @usableFromInline var subscribers: [_FeedSubscriber<F.Event>] = []
    // Of what is touched for each message the accesses are unchecked: each one only loads or stores a value, on the
    // client's loop, and checks were a sixth of the instructions of a short message.
    /// The subscriber, if there is just one: nearly always. Owned by `subscribers`, and by the queue once it has left.
    @exclusivity(unchecked) @usableFromInline var onlySubscriber: Unmanaged<_FeedSubscriber<F.Event>>?
    /// Whether events are over when they have been sent: callbacks look at them, batches carry them off.
    @exclusivity(unchecked) @usableFromInline var reclaims = false
    /// Whether the next message is the first one since the subscription was asked for.
    private var awaitsFirst = true
    /// What a later subscriber is given first: the last full state, or the last snapshot and what followed it.
    @exclusivity(unchecked) @usableFromInline var state: F.Event?
    @usableFromInline var tail: [FeedEvent<F.Event>] = []
    /// What messages that could not be read may have hidden: told before the next event.
    private var faultGap: Gap?
    /// What was wrong with the last message that could not be read.
    public private(set) var fault: DecodingFault?
    /// Whether nothing rare is due: no first message, no gap. Asked once a message, so that the rest need not be.
    @exclusivity(unchecked) @usableFromInline var isOnFastPath = false
    /// How many unknown fields and words were met.
    public var unknownCount = 0
    /// When the venue made the last message, if it was an update that says so; else 0.
    public var venueMilliseconds: Int64 { unsafe lastVenueMilliseconds }
    @exclusivity(unchecked) @usableFromInline var lastVenueMilliseconds: Int64 = 0

    /// The most updates kept behind a snapshot for later subscribers.
    @usableFromInline static var maximumTailCount: Int { 256 }

    /// A dispatcher without subscribers.
    @specialized(where F == L2BookFeed)
    @specialized(where F == TradesFeed)
    @specialized(where F == BestBidOfferFeed)
    public init(feed: F) {
        self.feed = feed
        let traits = feed.traits
        opensWithState = traits.snapshot == .everyMessage || traits.snapshot == .firstMessage
        keepsState = traits.delivery == .latest
        keepsSnapshot = traits.snapshot == .marked
    }

    /// Whether nothing can be made of what comes until the feed is subscribed to again. Asked after a fault.
    public var hasLostBase: Bool { unsafe memory.hasLostBase }

    /// Whether nobody listens.
    public var isEmpty: Bool { subscribers.isEmpty }

    /// Adds a subscriber and gives it what is cached.
    @inlinable public func attach(_ subscriber: _FeedSubscriber<F.Event>) {
        subscribers.append(subscriber)
        subscribersChanged()
        guard let state = unsafe state else { return }
        subscriber.receive(.snapshot(state))
        for event in tail { subscriber.receive(event) }
    }

    /// Removes a subscriber.
    public func detach(_ subscriber: _FeedSubscriber<F.Event>) {
        subscribers.removeAll { $0 === subscriber }
        subscribersChanged()
        subscriber.queue.deferRelease(subscriber)
    }

    @inlinable func subscribersChanged() {
        unsafe onlySubscriber = subscribers.count == 1 ? Unmanaged.passUnretained(subscribers[0]) : nil
        unsafe reclaims = subscribers.allSatisfy { $0.isCallback }
    }

    /// The upstream subscription has been asked for (again): what comes next may repeat what came before.
    public func subscribed(atMilliseconds milliseconds: Int64) {
        unsafe memory.subscribed(atMilliseconds: milliseconds)
        awaitsFirst = true
        unsafe isOnFastPath = false
    }

    /// Hands on a gap.
    public func announce(_ gap: Gap) {
        announceFaultGap()
        forgetState()
        send(.gap(gap))
    }

    /// Hands on the last message that could not be read, and has a gap follow before the next event.
    /// - Returns: Whether the gap begins here.
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
        send(.gap(gap))
    }

    /// Forgets a state that has grown old. Rows stay true: what a restored subscription repeats of them is left out,
    /// so that a later subscriber needs the old ones too.
    public func forgetState() {
        if keepsState { unsafe state = nil }
    }

    @inlinable func decode(_ reader: inout MessageReader) throws(DecodingFault) -> Decoded<F.Event> {
        try unsafe F.decode(&reader, memory: &memory)
    }

    /// Hands on what a message became.
    @inlinable public func deliver(_ decoded: consuming Decoded<F.Event>) -> _DispatchOutcome {
        guard unsafe isOnFastPath else { return dispatchSlowly(decoded) }
        switch consume decoded {
        case .update(let event):
            guard feed.accepts(event) else { return .notMine }
            if let time = F.venueMilliseconds(of: event) { unsafe lastVenueMilliseconds = time }
            if keepsSnapshot { keep(.update(event)) }
            send(.update(event))
            // Moved there, behind its last use: nobody can join while it is sent.
            if keepsState {
                var former: F.Event? = event
                unsafe swap(&former, &state)
                if unsafe reclaims, let former { unsafe F.reclaim(former, into: &memory) }
            } else if unsafe reclaims {
                unsafe F.reclaim(event, into: &memory)
            }
        case .snapshot(let event):
            guard feed.accepts(event) else { return .notMine }
            deliverState(event)
        case .snapshotAndUpdate(let both):
            guard feed.accepts(both.present) else { return .notMine }
            unsafe lastVenueMilliseconds = F.venueMilliseconds(of: both.present) ?? 0
            send(.snapshot(both.past))
            send(.update(both.present))
        case .nothing: unsafe lastVenueMilliseconds = 0
        }
        return .delivered
    }

    /// The first message since the subscription was asked for, or the first after one that could not be read.
    @usableFromInline func dispatchSlowly(_ decoded: Decoded<F.Event>) -> _DispatchOutcome {
        switch decoded {
        case .update(let event), .snapshot(let event):
            guard feed.accepts(event) else { return .notMine }
            announceFaultGap()
        case .snapshotAndUpdate(let both):
            guard feed.accepts(both.present) else { return .notMine }
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
        deliverState(event)
        return .delivered
    }

    @usableFromInline func deliverState(_ event: F.Event) {
        unsafe lastVenueMilliseconds = 0
        if keepsSnapshot, unsafe state != nil {
            keep(.snapshot(event))
        } else if keepsState || keepsSnapshot {
            unsafe state = event
        }
        send(.snapshot(event))
    }

    @usableFromInline func keep(_ event: FeedEvent<F.Event>) {
        if tail.count == Self.maximumTailCount { tail.removeFirst(Self.maximumTailCount / 2) }
        tail.append(event)
    }

    /// Notes a message that could not be read.
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

/// How a message fared in its dispatcher.
public enum _DispatchOutcome: Sendable {
    /// It reached the subscribers.
    case delivered
    /// It belongs to another subscription.
    case notMine
    /// It could not be read; the dispatcher has the fault.
    case fault
}
