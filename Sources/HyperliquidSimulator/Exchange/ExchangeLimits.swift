internal import HyperliquidWire

/// Counts the connections, dials, messages, subscriptions and users, which the venue limits over all connections of an
/// address (docs/protocol.md, "L1" to "L6"), and the weight of requests ("L10").
struct ExchangeLimits: Sendable {
    /// A user that counts for a while after its last subscription.
    private struct LingeringUser: Hashable, Sendable {
        let user: String
        let connection: Exchange.ConnectionID
        let until: Instant
    }

    var configuration: ExchangeConfiguration
    private var dials = RecentTimes(window: .seconds(60))
    private var messages = RecentTimes(window: .seconds(60))
    private var lastMessages = RecentTimes(window: .seconds(1))
    /// Each request as often as it weighs.
    private var requests = RecentTimes(window: .seconds(60))
    /// Connections that were admitted and are not open yet.
    private var reserved: Set<Exchange.ConnectionID> = []
    private var subscriptionCount = 0
    private var lingering: [LingeringUser] = []

    init(_ configuration: ExchangeConfiguration) { self.configuration = configuration }

    // MARK: Connections and messages

    /// Counts a dial if one more connection is allowed, and returns whether it is.
    ///
    /// A connection with an id counts from here on until ``release(_:)``, so that overlapping upgrades cannot pass
    /// the limit together.
    mutating func admit(_ id: Exchange.ConnectionID?, besides openCount: Int, at now: Instant) -> Bool {
        guard openCount + reserved.count < configuration.connectionLimit,
            dials.count(at: now) < configuration.connectionsPerMinuteLimit
        else { return false }
        dials.append(now)
        if let id { reserved.insert(id) }
        return true
    }

    /// Stops counting an admitted connection: it is open, or will never be.
    mutating func release(_ id: Exchange.ConnectionID) { reserved.remove(id) }

    /// Counts a message from a client. Returns the venue's complaint if there are too many.
    mutating func complaint(aboutMessageAt now: Instant) -> String? {
        messages.append(now)
        if let complaint = complaint(aboutSecondBefore: now) { return complaint }
        guard messages.count(at: now) > configuration.messagesPerMinuteLimit else { return nil }
        return "Cannot send more than \(configuration.messagesPerMinuteLimit) messages per minute."
    }

    /// The complaint about more messages within a second than are allowed; `nil` if there are not, or no such limit.
    private mutating func complaint(aboutSecondBefore now: Instant) -> String? {
        guard let limit = configuration.messagesPerSecondLimit else { return nil }
        lastMessages.append(now)
        return lastMessages.count(at: now) > limit ? "Cannot send more than \(limit) messages per second." : nil
    }

    // MARK: Requests

    /// Counts a request, if it does not weigh too much, and returns whether it is answered.
    mutating func admits(_ weight: RequestWeight, at now: Instant) -> Bool {
        guard requests.count(at: now) + weight.base <= configuration.requestWeightPerMinuteLimit else { return false }
        count(weight: weight.base, at: now)
        return true
    }

    /// Counts what an answer adds to the weight of its request.
    mutating func count(weight: Int, at now: Instant) {
        for _ in 0..<weight { requests.append(now) }
    }

    // MARK: Subscriptions and users

    /// The venue's error for a subscription that would pass a limit; `nil` if none is passed. The texts name no
    /// subscription (docs/protocol.md, "L3" and "L4").
    mutating func refusal(
        of request: FeedRequest, on id: Exchange.ConnectionID, among connections: [Exchange.Connection],
        at now: Instant
    ) -> String? {
        guard subscriptionCount < configuration.subscriptionLimit else {
            return "Cannot subscribe to more than \(configuration.subscriptionLimit) channels."
        }
        let connection = connections.first { $0.id == id }
        if let limit = configuration.subscriptionsPerConnectionLimit, connection?.subscriptions.count ?? 0 >= limit {
            return "Cannot subscribe to more than \(limit) channels."
        }
        guard let user = request.user else { return nil }
        if let limit = configuration.usersPerConnectionLimit, let users = connection?.users, users[user] == nil,
            users.count >= limit
        {
            return "Cannot track more than \(limit) total users."
        }
        lingering.removeAll { $0.until <= now }
        let isCounted: (Exchange.ConnectionID) -> Bool = { [configuration] in
            configuration.userScope == .address || $0 == id
        }
        var users = Set(lingering.filter { isCounted($0.connection) }.map(\.user))
        for connection in connections where isCounted(connection.id) { users.formUnion(connection.users.keys) }
        guard users.contains(user) || users.count < configuration.userLimit else {
            return "Cannot track more than \(configuration.userLimit) total users."
        }
        return nil
    }

    /// Counts a subscription. Its user, if it has one, does not linger on the connection any more.
    mutating func subscribed(user: String?, on id: Exchange.ConnectionID) {
        subscriptionCount += 1
        if let user { lingering.removeAll { $0.user == user && $0.connection == id } }
    }

    /// Stops counting subscriptions.
    mutating func unsubscribed(_ count: Int) { subscriptionCount -= count }

    /// Keeps counting a user whose last subscription on a connection has ended.
    mutating func linger(_ user: String, on id: Exchange.ConnectionID, at now: Instant) {
        lingering.append(
            LingeringUser(user: user, connection: id, until: now.advanced(by: configuration.userLinger)))
    }
}

/// The times of the events of the last minute, or of another window.
private struct RecentTimes: Hashable, Sendable {
    private let window: Duration
    private var times: [Instant] = []
    private var start = 0

    init(window: Duration) { self.window = window }

    mutating func append(_ now: Instant) { times.append(now) }

    /// The number of events in the window before `now`.
    mutating func count(at now: Instant) -> Int {
        while start < times.count, times[start].advanced(by: window) <= now { start += 1 }
        if start > 1024 {
            times.removeFirst(start)
            start = 0
        }
        return times.count - start
    }
}
