package import HyperliquidWire

/// Whether a dial, a message, a connection, a subscription or a user may be spent now, and when the next may.
///
/// Counts for one IP address, over all connections. What it counts is what the venue may still count: a user for a while
/// after its last subscription, a connection until its close is known.
package struct RateLimiter: Hashable, Sendable {
    package private(set) var limits: VenueLimits
    private var dials: SlidingWindow
    private var messagesInMinute: SlidingWindow
    private var messagesInSecond: SlidingWindow
    private var pausedUntil: Instant = .start
    package private(set) var connectionCount = 0
    package private(set) var subscriptionCount = 0
    private var users: [String: UserSlot] = [:]
    /// What is believed of the venue's caps.
    package var userCap: CapEstimate
    package var connectionUserCap: CapEstimate
    package var subscriptionCap: CapEstimate
    package var connectionCap: CapEstimate
    package private(set) var postCount = 0
    /// How many of those who share the rate limiter wait for a connection.
    package private(set) var waitingClientCount = 0
    /// Counts what was given back and who began to wait for a connection, so that others who share the rate limiter know
    /// when to look again.
    package private(set) var changeCount: UInt64 = 0

    private struct UserSlot: Hashable, Sendable {
        var count: Int
        var lingersUntil: Instant
    }

    package init(limits: VenueLimits) {
        self.limits = limits
        // What is documented stands on the venue's page on rate limits, read in 2026.
        userCap = CapEstimate(configured: limits.userCount, documented: 10)
        connectionUserCap = CapEstimate(configured: limits.usersPerConnection ?? limits.userCount)
        subscriptionCap = CapEstimate(configured: limits.subscriptionCount, documented: 1000)
        // Refused upgrades have other reasons too: they are believed for a minute first.
        connectionCap = CapEstimate(
            configured: limits.connectionCount, documented: 10, shortestWait: .seconds(60), longestWait: .seconds(600))
        dials = SlidingWindow(limit: limits.dialsPerMinute, span: .seconds(60))
        messagesInMinute = SlidingWindow(limit: limits.messagesPerMinute, span: .seconds(60))
        messagesInSecond = SlidingWindow(limit: limits.messagesPerSecond, span: .seconds(1))
    }

    // MARK: Messages

    /// How many messages of a minute are kept back for pings, without which the venue closes connections: a silent connection
    /// sends three a minute by default, so the 45 of 1800 last for 15 connections; connections with data need none.
    private var pingReserve: Int { limits.messagesPerMinute / 40 }

    /// When the next message may be sent, other than a ping.
    package func nextMessage(at now: Instant) -> Instant {
        max(
            pausedUntil, messagesInMinute.nextAllowed(at: now, reserving: pingReserve),
            messagesInSecond.nextAllowed(at: now))
    }

    /// When the next ping may be sent: a pause does not hold it back.
    package func nextPing(at now: Instant) -> Instant {
        max(messagesInMinute.nextAllowed(at: now), messagesInSecond.nextAllowed(at: now))
    }

    package mutating func spendMessage(at now: Instant) {
        messagesInMinute.spend(at: now)
        messagesInSecond.spend(at: now)
    }

    /// The venue said that too many messages were sent: nothing is sent until then.
    package mutating func pauseMessages(until instant: Instant) {
        pausedUntil = max(pausedUntil, instant)
    }

    // MARK: Connections

    package func nextDial(at now: Instant) -> Instant { dials.nextAllowed(at: now) }

    package var hasConnection: Bool { connectionCount < limits.connectionCount }

    package mutating func openConnection(at now: Instant) {
        precondition(hasConnection, "no dial beyond the connections allowed")
        dials.spend(at: now)
        connectionCount += 1
    }

    package mutating func closeConnection() {
        precondition(connectionCount > 0, "only an open connection closes")
        connectionCount -= 1
        changeCount += 1
    }

    package mutating func beginWaitingForConnection() {
        waitingClientCount += 1
        changeCount += 1
    }

    package mutating func endWaitingForConnection() {
        precondition(waitingClientCount > 0, "only who seeks ends it")
        waitingClientCount -= 1
    }

    // MARK: Subscriptions

    package func subscriptionLimit(at now: Instant) -> Int { subscriptionCap.limit(at: now) }

    /// Whether one more subscription may be counted.
    package func hasSubscription(at now: Instant) -> Bool { subscriptionCount < subscriptionLimit(at: now) }

    package mutating func takeSubscription() { subscriptionCount += 1 }

    package mutating func returnSubscription() {
        precondition(subscriptionCount > 0, "only a subscription that was taken is returned")
        subscriptionCount -= 1
        changeCount += 1
    }

    // MARK: Users

    package func userLimit(at now: Instant) -> Int { userCap.limit(at: now) }

    /// Whether one more user may be the last one that the venue accepts, as far as is known.
    package func isNearUserLimit(at now: Instant) -> Bool {
        let known = max(userCap.documented ?? 0, userCap.acceptedCount)
        return usedUserCount(at: now) >= min(userLimit(at: now), known) - 1
    }

    /// When a subscription of this user may be asked for: now, when a lingering slot falls free, or nothing while
    /// every slot is in use.
    package func nextUser(_ user: String, at now: Instant) -> Instant? {
        if let slot = users[user], slot.count > 0 || slot.lingersUntil > now { return now }
        let lingering = users.values.filter { $0.count == 0 && $0.lingersUntil > now }.map(\.lingersUntil).sorted()
        let active = users.values.count { $0.count > 0 }
        let excess = active + lingering.count - userLimit(at: now) + 1
        guard excess > 0 else { return now }
        return excess <= lingering.count ? lingering[excess - 1] : nil
    }

    package mutating func takeUser(_ user: String) {
        users[user, default: UserSlot(count: 0, lingersUntil: .start)].count += 1
    }

    package mutating func returnUser(_ user: String, lingersUntil: Instant, at now: Instant) {
        guard let slot = users[user], slot.count > 0 else { preconditionFailure("only a counted user is returned") }
        users[user] = UserSlot(count: slot.count - 1, lingersUntil: max(slot.lingersUntil, lingersUntil))
        users = users.filter { $0.value.count > 0 || $0.value.lingersUntil > now }
        changeCount += 1
    }

    /// How many users the venue may count now.
    package func usedUserCount(at now: Instant) -> Int {
        users.values.count { $0.count > 0 || $0.lingersUntil > now }
    }

    /// How many users the venue has accepted, as far as it has said so, with those who linger.
    package func usedUserCount(at now: Instant, where isAccepted: (String) -> Bool) -> Int {
        users.count { $0.value.count > 0 ? isAccepted($0.key) : $0.value.lingersUntil > now }
    }

    // MARK: Posts

    /// Whether one more post may be in flight.
    package var hasPost: Bool { postCount < limits.postsInFlight }

    package mutating func takePost() {
        precondition(hasPost, "no post beyond those allowed")
        postCount += 1
    }

    package mutating func returnPost() {
        precondition(postCount > 0, "only a post in flight is answered")
        postCount -= 1
        changeCount += 1
    }

    /// How many messages were sent in the last minute and the last second, and dials made in the last minute.
    package func used(at now: Instant) -> (messages: Int, messagesInSecond: Int, dials: Int) {
        (messagesInMinute.usedCount(at: now), messagesInSecond.usedCount(at: now), dials.usedCount(at: now))
    }

    // MARK: Subscriptions of users

    /// Counts a subscription that gets a slot, and its user.
    mutating func take(_ item: PlacementItem) {
        takeSubscription()
        if let user = item.user { takeUser(user) }
    }

    /// Gives back a subscription that has left its slot, and its user, who counts until `lingersUntil`.
    mutating func giveBack(_ item: PlacementItem, lingersUntil: Instant, at now: Instant) {
        returnSubscription()
        if let user = item.user { returnUser(user, lingersUntil: lingersUntil, at: now) }
    }

    // MARK: What keeps a subscription waiting

    /// The limit over all connections that keeps an upstream subscription from getting a slot, and when that may
    /// change; `nil` if none does.
    func obstacle(to upstream: UpstreamSubscription, at now: Instant) -> (reason: WaitReason, retryAt: Instant?)? {
        if let hold = upstream.hold, hold.until > now { return (hold.reason, hold.until) }
        guard hasSubscription(at: now) else {
            return (.subscriptionLimit, subscriptionCap.nextChange(after: now))
        }
        guard let user = upstream.feed.user else { return nil }
        let next = nextUser(user, at: now)
        return next == now ? nil : (.userLimit, next ?? userCap.nextChange(after: now))
    }
}
