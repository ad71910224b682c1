/// Where the messages of one wire subscription become events of one feed type and reach its subscribers.
/// Bound to the client's loop. Public only because the code that uses it is compiled with each feed.
public final class FeedHub<F: Feed> {
    /// What the feed carries from message to message.
    public var memory = F.Memory()
    @usableFromInline let feed: F
    @usableFromInline let opensWithState: Bool
    @usableFromInline let keepsState: Bool
    @usableFromInline let keepsSnapshot: Bool
    @usableFromInline var outlets: [FeedOutlet<F.Event>] = []
    /// Whether the next message is the first one since the subscription was asked for.
    @usableFromInline var awaitsFirst = true
    /// What a later subscriber is given first: the last full state, or the last snapshot and what followed it.
    @usableFromInline var state: F.Event?
    @usableFromInline var tail: [FeedEvent<F.Event>] = []
    /// What messages that could not be read may have hidden: told before the next event.
    @usableFromInline var faultGap: Gap?
    /// How the last message fared; the client asks after each pump.
    public var outcome = PumpOutcome.delivered
    /// How many unknown fields and words were met.
    public var unknownCount = 0
    /// When the venue made the last message, if it was an update that says so; else 0.
    public var venueMilliseconds: Int64 = 0

    /// The most updates kept behind a snapshot for later subscribers.
    @usableFromInline static var maximumTailCount: Int { 256 }

    /// A hub without subscribers.
    public init(feed: F) {
        self.feed = feed
        let traits = feed.traits
        opensWithState = traits.snapshot == .everyMessage || traits.snapshot == .firstMessage
        keepsState = traits.delivery == .latest
        keepsSnapshot = traits.snapshot == .marked
    }

    /// Whether nothing can be made of what comes until the feed is subscribed to again. Asked after a fault.
    public var hasLostBase: Bool { memory.hasLostBase }

    /// Whether nobody listens.
    public var isEmpty: Bool { outlets.isEmpty }

    /// Adds a subscriber and gives it what is cached.
    public func attach(_ outlet: FeedOutlet<F.Event>) {
        outlets.append(outlet)
        guard let state else { return }
        outlet.receive(.snapshot(state))
        for event in tail { outlet.receive(event) }
    }

    /// Removes a subscriber.
    public func detach(_ outlet: FeedOutlet<F.Event>) {
        outlets.removeAll { $0 === outlet }
    }

    /// The wire subscription has been asked for (again): what comes next may repeat what came before.
    public func subscribed(atMilliseconds milliseconds: Int64) {
        memory.subscribed(atMilliseconds: milliseconds)
        awaitsFirst = true
    }

    /// Hands on a gap.
    public func announce(_ gap: Gap) {
        announceFaultGap()
        forgetState()
        send(.gap(gap))
    }

    /// Hands on a message that could not be read, and has a gap follow before the next event.
    /// - Returns: Whether the gap begins here.
    public func announce(_ fault: DecodingFault, fromMilliseconds: Int64, toMilliseconds: Int64) -> Bool {
        let isFirst = faultGap == nil
        faultGap = Gap(
            reason: .undecodable, fromMilliseconds: faultGap?.fromMilliseconds ?? fromMilliseconds,
            toMilliseconds: toMilliseconds)
        send(.undecodable(fault))
        return isFirst
    }

    @usableFromInline func announceFaultGap() {
        guard let gap = faultGap else { return }
        faultGap = nil
        send(.gap(gap))
    }

    /// Forgets a state that has grown old. Rows stay true: what a restored subscription repeats of them is left out,
    /// so that a later subscriber needs the old ones too.
    public func forgetState() {
        if keepsState { state = nil }
    }

    /// Hands on what a message became.
    @inlinable public func deliver(_ decoded: Decoded<F.Event>, unknownCount: Int) {
        self.unknownCount &+= unknownCount
        venueMilliseconds = 0
        if faultGap != nil { return deliverAfterFault(decoded) }
        switch decoded {
        case .update(let event):
            guard feed.accepts(event) else { return outcome = .notMine }
            if opensWithState, awaitsFirst { return deliverFirst(event) }
            if let time = F.venueMilliseconds(of: event) { venueMilliseconds = time }
            if keepsState { state = event } else if keepsSnapshot { keep(.update(event)) }
            send(.update(event))
        case .snapshot(let event):
            guard feed.accepts(event) else { return outcome = .notMine }
            deliverFirst(event)
        case .snapshotAndUpdate(let past, let event):
            guard feed.accepts(event) else { return outcome = .notMine }
            send(.snapshot(past))
            send(.update(event))
        case .nothing: break
        }
        awaitsFirst = false
        outcome = .delivered
    }

    /// The plain twin of `deliver` for the rare message that follows one that could not be read.
    @usableFromInline func deliverAfterFault(_ decoded: Decoded<F.Event>) {
        let isMine =
            switch decoded {
            case .update(let event), .snapshot(let event), .snapshotAndUpdate(_, let event): feed.accepts(event)
            case .nothing: false
            }
        if isMine { announceFaultGap() }
        let gap = faultGap
        faultGap = nil
        deliver(decoded, unknownCount: 0)
        faultGap = gap
    }

    @usableFromInline func deliverFirst(_ event: F.Event) {
        if keepsSnapshot, state != nil { keep(.snapshot(event)) } else if keepsState || keepsSnapshot { state = event }
        awaitsFirst = false
        outcome = .delivered
        send(.snapshot(event))
    }

    @usableFromInline func keep(_ event: FeedEvent<F.Event>) {
        if tail.count == Self.maximumTailCount { tail.removeFirst(Self.maximumTailCount / 2) }
        tail.append(event)
    }

    /// Notes a message that could not be read.
    @inlinable public func deliver(_ fault: DecodingFault) {
        venueMilliseconds = 0
        outcome = .fault(fault)
    }

    @inlinable func send(_ event: FeedEvent<F.Event>) {
        for outlet in outlets { outlet.receive(event) }
    }
}

/// How a message fared in its hub.
public enum PumpOutcome: Sendable {
    /// It reached the subscribers.
    case delivered
    /// It belongs to another subscription.
    case notMine
    /// It could not be read.
    case fault(DecodingFault)
}
