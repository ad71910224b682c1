package import HyperliquidWire

/// Tells whether a dial, a message, a connection, a subscription, a user or a post is allowed now, and when the next
/// one is.
///
/// The counts are for one IP address, over all connections and all clients that share the limiter. They include
/// everything that the venue may still count: a user for a while after its last subscription, a connection until its
/// close is known.
package struct RateLimiter: Hashable, Sendable {
    /// The configured limits.
    package private(set) var limits: VenueLimits
    private var dials: SlidingWindow
    private var messagesInMinute: SlidingWindow
    private var messagesInSecond: SlidingWindow
    private var requestWeight: SlidingWindow
    private var pausedUntil: Instant = .start
    /// When questions may be sent again after a pause.
    package private(set) var questionsPausedUntil: Instant = .start
    /// How many cancels may still be sent during the pause.
    private var cancelReserve = 0
    /// The number of connections from their dials to their closes.
    package private(set) var connectionCount = 0
    /// The number of upstream subscriptions that have a slot.
    package private(set) var subscriptionCount = 0
    private var users: [String: UserSlot] = [:]
    /// The estimated cap on users over all connections.
    package var userCap: CapEstimate
    /// The estimated cap on users per connection.
    package var connectionUserCap: CapEstimate
    /// The estimated cap on subscriptions over all connections.
    package var subscriptionCap: CapEstimate
    /// The estimated cap on connections.
    package var connectionCap: CapEstimate
    /// The number of posts in flight.
    package private(set) var postCount = 0
    /// The number of clients that wait for a connection.
    package private(set) var waitingClientCount = 0
    /// The number of changes that may concern other clients of this limiter: something was returned, a learnt cap grew, or
    /// a client began to wait for a connection. A client that saw another count before must check again what it may do.
    package private(set) var changeCount: UInt64 = 0

    /// What the limit on users counts for one user: its subscriptions, or its linger after the last of them.
    private struct UserSlot: Hashable, Sendable {
        var count: Int
        var lingersUntil: Instant
    }

    package init(limits: VenueLimits) {
        self.limits = limits
        // The documented numbers are from the venue's page on rate limits, as of 2026.
        userCap = CapEstimate(configured: limits.users, documented: 10)
        connectionUserCap = CapEstimate(configured: limits.usersPerConnection ?? limits.users)
        subscriptionCap = CapEstimate(configured: limits.subscriptions, documented: 1000)
        // Upgrades are also refused for other reasons, so a first refusal is believed for a minute only.
        connectionCap = CapEstimate(
            configured: limits.connections, documented: 10, shortestWait: .seconds(60), longestWait: .seconds(600))
        dials = SlidingWindow(limit: limits.dialsPerMinute, span: .seconds(60))
        messagesInMinute = SlidingWindow(limit: limits.messagesPerMinute, span: .seconds(60))
        messagesInSecond = SlidingWindow(limit: limits.messagesPerSecond, span: .seconds(1))
        requestWeight = SlidingWindow(limit: limits.requestWeightPerMinute, span: .seconds(60))
    }

    // MARK: Messages

    /// The number of messages per minute that are reserved for pings, without which the venue closes idle connections.
    ///
    /// An idle connection sends 3 pings per minute by default, so the reserve of 45 out of 1800 messages suffices for
    /// 15 idle connections. Connections that receive data need no pings.
    private var pingReserve: Int { limits.messagesPerMinute / 40 }

    /// What a message is for, which decides how much of the limits it may use.
    package enum Urgency: Hashable, Sendable {
        /// Subscribes, unsubscribes and questions.
        case other
        /// A signed action.
        case action
        /// A signed action that cancels. A few of them may be sent during a pause.
        case cancel
    }

    /// The number of messages per minute that are reserved for actions: 45 out of 1800.
    private var actionReserve: Int { limits.messagesPerMinute / 40 }

    /// The number of messages per second that are reserved for actions, so that one need not wait although many
    /// subscribes are being sent: 5 out of 50.
    private var actionReservePerSecond: Int { limits.messagesPerSecond / 10 }

    /// The number of cancels that may be sent during a pause.
    private static let cancelsPerPause = 5

    /// The earliest time at which the next message may be sent, other than a ping.
    package func nextMessage(at now: Instant, for urgency: Urgency = .other) -> Instant {
        let isOther = urgency == .other
        let allowed = max(
            messagesInMinute.nextAllowed(at: now, reserving: pingReserve + (isOther ? actionReserve : 0)),
            messagesInSecond.nextAllowed(at: now, reserving: isOther ? actionReservePerSecond : 0))
        return urgency == .cancel && cancelReserve > 0 ? allowed : max(pausedUntil, allowed)
    }

    /// The earliest time at which the next ping may be sent. A pause does not delay pings.
    package func nextPing(at now: Instant) -> Instant {
        max(messagesInMinute.nextAllowed(at: now), messagesInSecond.nextAllowed(at: now))
    }

    /// Counts a message. Traps if none is allowed at `now`.
    package mutating func spendMessage(at now: Instant, for urgency: Urgency = .other) {
        if urgency == .cancel, pausedUntil > now { cancelReserve -= 1 }
        messagesInMinute.spend(at: now)
        messagesInSecond.spend(at: now)
    }

    /// Delays all messages but pings and a few cancels, because the venue said that too many were sent.
    package mutating func pauseMessages(until instant: Instant) {
        cancelReserve = Self.cancelsPerPause
        pausedUntil = max(pausedUntil, instant)
    }

    // MARK: Connections

    /// The earliest time at which the next dial is allowed.
    package func nextDial(at now: Instant) -> Instant { dials.nextAllowed(at: now) }

    /// Whether one more connection is allowed by the configured limit.
    package var hasConnection: Bool { connectionCount < limits.connections }

    /// Counts a dial and its connection. Traps if no connection is allowed.
    package mutating func openConnection(at now: Instant) {
        precondition(hasConnection, "a dial must not exceed the limit on connections")
        dials.spend(at: now)
        connectionCount += 1
    }

    /// Returns a connection that has ended, or whose dial has failed.
    package mutating func closeConnection() {
        precondition(connectionCount > 0, "only a counted connection can be returned")
        connectionCount -= 1
        changeCount += 1
    }

    /// Notes that the venue has accepted this number, of what a cap counts, at the same time.
    package mutating func accepted(_ count: Int, _ cap: WritableKeyPath<RateLimiter, CapEstimate>) {
        let known = self[keyPath: cap].refusal?.acceptedCount
        self[keyPath: cap].accepted(count)
        if self[keyPath: cap].refusal?.acceptedCount != known { changeCount += 1 }
    }

    /// Counts a client that waits for a connection.
    package mutating func beginWaitingForConnection() {
        waitingClientCount += 1
        changeCount += 1
    }

    /// Notes that a client no longer waits for a connection.
    package mutating func endWaitingForConnection() {
        precondition(waitingClientCount > 0, "only a waiting client can stop waiting")
        waitingClientCount -= 1
    }

    // MARK: Subscriptions

    /// The largest number of subscriptions allowed at `now`.
    package func subscriptionLimit(at now: Instant) -> Int { subscriptionCap.limit(at: now) }

    /// Whether one more subscription is allowed.
    package func hasSubscription(at now: Instant) -> Bool { subscriptionCount < subscriptionLimit(at: now) }

    /// Counts a subscription.
    package mutating func takeSubscription() { subscriptionCount += 1 }

    /// Returns a subscription that was counted.
    package mutating func returnSubscription() {
        precondition(subscriptionCount > 0, "only a counted subscription can be returned")
        subscriptionCount -= 1
        changeCount += 1
    }

    // MARK: Users

    /// The largest number of users allowed at `now`.
    package func userLimit(at now: Instant) -> Int { userCap.limit(at: now) }

    /// Whether one more user would reach the largest number that the venue is known to accept.
    package func isNearUserLimit(at now: Instant) -> Bool {
        let known = max(userCap.documented ?? 0, userCap.acceptedCount)
        return usedUserCount(at: now) >= min(userLimit(at: now), known) - 1
    }

    /// The earliest time at which a subscription of this user is allowed: `now`, or the end of another user's linger;
    /// `nil` if the limit is used up by users with subscriptions.
    package func nextUser(_ user: String, at now: Instant) -> Instant? {
        if let slot = users[user], slot.count > 0 || slot.lingersUntil > now { return now }
        let lingering = users.values.filter { $0.count == 0 && $0.lingersUntil > now }.map(\.lingersUntil).sorted()
        let active = users.values.count { $0.count > 0 }
        let excess = active + lingering.count - userLimit(at: now) + 1
        guard excess > 0 else { return now }
        return excess <= lingering.count ? lingering[excess - 1] : nil
    }

    /// Counts a subscription of a user.
    package mutating func takeUser(_ user: String) {
        users[user, default: UserSlot(count: 0, lingersUntil: .start)].count += 1
    }

    /// Returns a subscription of a user. If it was the last one, the user counts until `lingersUntil`.
    package mutating func returnUser(_ user: String, lingersUntil: Instant, at now: Instant) {
        guard let slot = users[user], slot.count > 0 else { preconditionFailure("only a counted user can be returned") }
        users[user] = UserSlot(count: slot.count - 1, lingersUntil: max(slot.lingersUntil, lingersUntil))
        users = users.filter { $0.value.count > 0 || $0.value.lingersUntil > now }
        changeCount += 1
    }

    /// The number of users that the venue may count at `now`.
    package func usedUserCount(at now: Instant) -> Int {
        users.values.count { $0.count > 0 || $0.lingersUntil > now }
    }

    /// The number of users with a subscription that satisfy `isAccepted`, plus the number of lingering users.
    package func usedUserCount(at now: Instant, where isAccepted: (String) -> Bool) -> Int {
        users.count { $0.value.count > 0 ? isAccepted($0.key) : $0.value.lingersUntil > now }
    }

    // MARK: Posts

    /// Whether one more post is allowed in flight.
    package var hasPost: Bool { postCount < limits.postsInFlight }

    /// Counts a post in flight. Traps if none is allowed.
    package mutating func takePost() {
        precondition(hasPost, "a post must not exceed the limit on posts in flight")
        postCount += 1
    }

    /// Returns a post that was answered or given up.
    package mutating func returnPost() {
        precondition(postCount > 0, "only a counted post can be returned")
        postCount -= 1
        changeCount += 1
    }

    /// The earliest time at which a question of this weight may be sent, as far as the weight of requests matters. One
    /// that is heavier than the limit may be sent when nothing else counts.
    package func nextQuestion(weight: Int, at now: Instant) -> Instant {
        let reserve = min(weight, limits.requestWeightPerMinute) - 1
        return max(questionsPausedUntil, requestWeight.nextAllowed(at: now, reserving: reserve))
    }

    /// Counts the weight of a request, or what its answer adds. Actions and answers do not wait until they are allowed.
    package mutating func countRequest(weight: Int, at now: Instant) { requestWeight.count(weight, at: now) }

    /// Delays all questions, because the venue said that the requests weigh too much.
    package mutating func pauseQuestions(until instant: Instant) {
        questionsPausedUntil = max(questionsPausedUntil, instant)
    }

    /// What the limits over time count at `now`, in the last minute, or in the last second.
    package func used(at now: Instant) -> (messages: Int, messagesInSecond: Int, dials: Int, requestWeight: Int) {
        (
            messagesInMinute.usedCount(at: now), messagesInSecond.usedCount(at: now), dials.usedCount(at: now),
            requestWeight.usedCount(at: now)
        )
    }

    // MARK: Subscriptions of users

    /// Counts an upstream subscription that gets a slot, and its user.
    package mutating func take(_ item: PlacementItem) {
        takeSubscription()
        if let user = item.user { takeUser(user) }
    }

    /// Returns an upstream subscription that has left its slot, and its user, which counts until `lingersUntil`.
    package mutating func giveBack(_ item: PlacementItem, lingersUntil: Instant, at now: Instant) {
        returnSubscription()
        if let user = item.user { returnUser(user, lingersUntil: lingersUntil, at: now) }
    }

    // MARK: Waiting for a limit

    /// The limit over all connections that keeps an upstream subscription from getting a slot, and the time at which
    /// that may change; `nil` if no limit does. `retryAt` is `nil` if only a fact can change it.
    package func obstacle(to upstream: UpstreamSubscription, at now: Instant) -> (
        reason: WaitReason, retryAt: Instant?
    )? {
        if let hold = upstream.hold, hold.until > now { return (hold.reason, hold.until) }
        guard hasSubscription(at: now) else {
            return (.subscriptionLimit, subscriptionCap.nextChange(after: now))
        }
        guard let user = upstream.feed.user else { return nil }
        let next = nextUser(user, at: now)
        return next == now ? nil : (.userLimit, next ?? userCap.nextChange(after: now))
    }
}
