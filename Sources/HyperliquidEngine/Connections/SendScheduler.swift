package import HyperliquidWire

/// Holds the unsubscribes and subscribes to be sent, and decides which subscribe is sent next over all connections: by
/// urgency, without starvation. Unsubscribes and posts go first; `Engine.sendQueues` has that order.
package struct SendScheduler: Hashable, Sendable {
    private var subscribes: [SlotID: SubscribeQueue] = [:]
    private var unsubscribes: [SlotID: [UpstreamID]] = [:]
    private let unansweredLimit: Int

    package init(configuration: EngineConfiguration) {
        unansweredLimit = max(configuration.unansweredSubscribeLimit, 1)
    }

    // MARK: Queues

    package mutating func queueSubscribe(_ upstream: UpstreamSubscription, on slot: SlotID) {
        subscribes[slot, default: SubscribeQueue()].insert(SubscribeQueue.Turn(upstream))
    }

    package mutating func queueUnsubscribe(_ id: UpstreamID, on slot: SlotID) {
        unsubscribes[slot, default: []].append(id)
    }

    /// Removes an upstream subscription that leaves its slot.
    package mutating func remove(_ id: UpstreamID, from slot: SlotID) {
        subscribes[slot]?.remove(id)
        unsubscribes[slot]?.removeAll { $0 == id }
    }

    /// Empties the queues of a slot whose connection has ended.
    package mutating func clear(_ slot: SlotID) {
        subscribes[slot] = nil
        unsubscribes[slot] = nil
    }

    /// The upstream subscriptions of a slot whose subscribes are queued, oldest first.
    package func queuedSubscribes(on slot: SlotID) -> [UpstreamID] { subscribes[slot]?.upstreams ?? [] }

    package func isQueued(_ id: UpstreamID, on slot: SlotID) -> Bool {
        subscribes[slot]?.contains(id) == true || unsubscribes[slot]?.contains(id) == true
    }

    // MARK: Sending

    /// The upstream subscription whose unsubscribe is sent next on a slot.
    package func nextUnsubscribe(on slot: SlotID) -> UpstreamID? { unsubscribes[slot]?.first }

    package mutating func unsubscribeSent(on slot: SlotID) { unsubscribes[slot]?.removeFirst() }

    /// A slot with its most urgent subscribe, by which slots are compared.
    package struct Candidate: Hashable, Comparable, Sendable {
        fileprivate let turn: SubscribeQueue.Turn
        package let slot: SlotID

        package static func < (lhs: Candidate, rhs: Candidate) -> Bool { lhs.turn < rhs.turn }
    }

    /// One pass over all connections, in which subscribes are sent one after the other, the most urgent on any
    /// connection first.
    package struct Round: Sendable {
        private var candidates = Heap<Candidate>()
        private var passed: [Candidate] = []

        package init() {}

        /// Adds the next candidate of a slot, if it has one.
        package mutating func add(_ candidate: Candidate?) { candidates.insert(candidate) }

        /// Removes and returns the most urgent candidate.
        package mutating func popFirst() -> Candidate? { candidates.popFirst() }

        /// Leaves a candidate for a later round, because it may not be sent now.
        package mutating func pass(_ candidate: Candidate) { passed.append(candidate) }

        fileprivate consuming func passedCandidates() -> [Candidate] { passed }
    }

    package var hasSubscribes: Bool { subscribes.values.contains { $0.first != nil } }

    /// The candidate of a slot; `nil` if no subscribe is queued there.
    package func candidate(on slot: SlotID) -> Candidate? {
        subscribes[slot]?.first.map { Candidate(turn: $0, slot: slot) }
    }

    /// Removes the upstream subscription of a candidate from its queue and returns it.
    package mutating func take(_ candidate: Candidate) -> UpstreamID? {
        subscribes[candidate.slot]?.popFirst()?.upstream
    }

    /// Puts the candidates that a round has left for later back into their queues.
    package mutating func end(_ round: consuming Round) {
        for candidate in round.passedCandidates() { subscribes[candidate.slot]?.insert(candidate.turn) }
    }

    // MARK: Attribution

    /// Whether another subscribe may be sent on a connection while earlier requests are unanswered.
    ///
    /// If the connection dies, all unanswered subscribes become suspects, so their number is limited. While the
    /// subscribe of a suspect is unanswered, no other subscribe is sent.
    package func mayAskMore(beside requests: PendingRequests, _ poison: PoisonDetector) -> Bool {
        if requests.subscribeCount >= unansweredLimit { return false }
        guard requests.subscribeCount > 0, poison.suspectCount > 0 else { return true }
        return !requests.hasSubscribe { poison.isSuspect($0.upstream) }
    }

    /// Whether the cause of a death, or of an error that names no request, can still be found if a subscribe is sent on
    /// a connection with unanswered requests.
    ///
    /// - Parameter isNewUser: Whether a request is the first one of its user.
    package func mayAsk(
        for upstream: UpstreamSubscription, beside requests: PendingRequests, _ poison: PoisonDetector,
        _ limiter: RateLimiter, isNewUser: (FeedRequest) -> Bool, at now: Instant
    ) -> Bool {
        if poison.isSuspect(upstream.id) { return requests.subscribeCount == 0 }
        // Near the known limit on users, only one new user is asked for at a time, so that it is clear which user a
        // refusal concerns (docs/protocol.md, "Limits").
        guard isNewUser(upstream.request), limiter.isNearUserLimit(at: now) else { return true }
        return !requests.hasSubscribe { isNewUser($0.feed) }
    }
}

/// The subscribes of one connection that are still to be sent, the most urgent first.
///
/// Each feed has a head start over less urgent ones. So subscribes are sent by urgency, and by age if they are equally
/// urgent. No subscribe starves: one that has waited for the difference of two head starts precedes all newer ones.
package struct SubscribeQueue: Hashable, Sendable {
    /// An upstream subscription in the queue, with the time by which the queue is ordered.
    package struct Turn: Hashable, Comparable, Sendable {
        let due: Instant
        package let upstream: UpstreamID

        package static func < (lhs: Turn, rhs: Turn) -> Bool { (lhs.due, lhs.upstream) < (rhs.due, rhs.upstream) }
    }

    // Removed turns stay in the heap until they reach the top, because a search for them would be slow.
    private var heap = Heap<Turn>()
    private var turns: [UpstreamID: Turn] = [:]

    package init() {}

    /// The turn of the most urgent subscribe.
    package var first: Turn? { heap.first }

    /// All upstream subscriptions in the queue, oldest first.
    package var upstreams: [UpstreamID] { turns.keys.sorted() }

    package func contains(_ upstream: UpstreamID) -> Bool { turns[upstream] != nil }

    package mutating func insert(_ turn: Turn) {
        turns[turn.upstream] = turn
        heap.insert(turn)
        dropStale()
    }

    package mutating func remove(_ upstream: UpstreamID) {
        turns[upstream] = nil
        dropStale()
    }

    /// Removes and returns the turn of the most urgent subscribe.
    package mutating func popFirst() -> Turn? {
        guard let first = heap.popFirst() else { return nil }
        turns[first.upstream] = nil
        dropStale()
        return first
    }

    private mutating func dropStale() {
        while let first = heap.first, turns[first.upstream] != first { _ = heap.popFirst() }
    }
}

extension SubscribeQueue.Turn {
    /// The head start of high priority over `priority`: a subscribe precedes more urgent ones that are queued later
    /// than this after it. With the default limits, 1000 subscribes are sent in 22 s, so after a total loss the feeds
    /// are restored in the order of their priorities.
    private static func headStart(before priority: FeedPriority) -> Duration {
        switch priority {
        case .high: .zero
        case .normal: .seconds(10)
        case .low: .seconds(20)
        }
    }

    /// The head start of an identity that the venue has accepted before. Other identities of the same priority may kill
    /// their connection, so they come later.
    private static let headStartOfProven: Duration = .seconds(5)

    /// Creates the turn of an upstream subscription that has waited since `since`.
    package init(of upstream: UpstreamID, _ priority: FeedPriority, isProven: Bool, since: Instant) {
        let start = since.advanced(by: Self.headStart(before: priority))
        self.init(due: isProven ? start : start.advanced(by: Self.headStartOfProven), upstream: upstream)
    }

    init(_ upstream: UpstreamSubscription) {
        self.init(
            of: upstream.id, upstream.traits.priority, isProven: upstream.isProven, since: upstream.since)
    }
}
