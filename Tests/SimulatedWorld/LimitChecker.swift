import HyperliquidEngine
import HyperliquidWire

/// Checks that no limit is exceeded and that no ambiguous feeds share a connection.
///
/// It counts the messages and dials on the network. It does not read the engine's counters.
struct LimitChecker {
    /// A subscription that the venue may have: subscribed to, and its end not confirmed.
    private struct HeldSubscription {
        var isLeaving = false
    }

    /// A user that still counts on a connection after the end of its last subscription there.
    private struct LingeringUser {
        let user: String
        let connection: ConnectionID
        let until: Instant
    }

    private let limits: VenueLimits
    private var dials: [Instant] = []
    private var messages: [Instant] = []
    /// Each request as often as it weighs.
    private var requests: [Instant] = []
    private var connections: Set<ConnectionID> = []
    private var held: [ConnectionID: [FeedRequest: HeldSubscription]] = [:]
    /// The identities that were subscribed to on a connection, whatever the result.
    private var asked: [ConnectionID: Set<FeedRequest>] = [:]
    private var lingering: [LingeringUser] = []
    /// The posts that the venue may still answer, each with its connection.
    private var posts: [PostID: ConnectionID] = [:]
    /// The posts that no caller waits for, each with the time until which it counts.
    private var abandonedPosts: [PostID: Instant] = [:]

    init(limits: VenueLimits) {
        self.limits = limits
    }

    // MARK: Sent by the clients

    mutating func dialled(_ connection: ConnectionID, at now: Instant, _ journal: inout Journal) {
        dials.append(now)
        connections.insert(connection)
        if count(dials, within: .seconds(60), of: now) > limits.dialsPerMinute {
            journal.violate("more dials in a minute than allowed", at: now)
        }
        if connections.count > limits.connections { journal.violate("more connections than allowed", at: now) }
    }

    mutating func sent(
        _ message: Engine.Message, on connection: ConnectionID, at now: Instant, _ journal: inout Journal
    ) {
        countMessage(at: now, &journal)
        switch message {
        case .subscribe(let request): subscribed(request, on: connection, at: now, &journal)
        case .unsubscribe(let request):
            if asked[connection]?.contains(request) != true {
                journal.violate("an unsubscribe from \(request) follows no subscribe", at: now)
            }
            held[connection]?[request]?.isLeaving = true
        case .ping: break
        }
    }

    private mutating func countMessage(at now: Instant, _ journal: inout Journal) {
        messages.append(now)
        if count(messages, within: .seconds(60), of: now) > limits.messagesPerMinute {
            journal.violate("more messages in a minute than allowed", at: now)
        }
        if count(messages, within: .seconds(1), of: now) > limits.messagesPerSecond {
            journal.violate("more messages in a second than allowed", at: now)
        }
    }

    private func count(_ times: [Instant], within span: Duration, of now: Instant) -> Int {
        times.reversed().prefix { $0.advanced(by: span) > now }.count
    }

    private mutating func subscribed(
        _ request: FeedRequest, on connection: ConnectionID, at now: Instant, _ journal: inout Journal
    ) {
        let messageKey = TestFeeds.byRequest[request]?.messageKey
        for other in (held[connection] ?? [:]).keys where other != request {
            if TestFeeds.byRequest[other]?.messageKey == messageKey {
                journal.violate("the ambiguous \(request) and \(other) are both asked for on \(connection)", at: now)
            }
        }
        asked[connection, default: []].insert(request)
        held[connection, default: [:]][request] = HeldSubscription()
        if held.values.reduce(0, { $0 + $1.count }) > limits.subscriptions {
            journal.violate("more subscriptions than allowed", at: now)
        }
        if held[connection]?.count ?? 0 > limits.subscriptionsPerConnection ?? limits.subscriptions {
            journal.violate("more subscriptions on \(connection) than allowed", at: now)
        }
        lingering.removeAll { $0.until <= now }
        if users(on: nil).count > limits.users { journal.violate("more users than allowed", at: now) }
        if users(on: connection).count > limits.usersPerConnection ?? limits.users {
            journal.violate("more users on \(connection) than allowed", at: now)
        }
    }

    /// The users that count on a connection, or on all connections if it is `nil`.
    private func users(on connection: ConnectionID?) -> Set<String> {
        var users = Set(lingering.filter { connection == nil || $0.connection == connection }.map(\.user))
        for (other, requests) in held where connection == nil || other == connection {
            users.formUnion(requests.keys.compactMap(\.user))
        }
        return users
    }

    // MARK: Reported by the venue

    /// The venue has confirmed the end of a subscription.
    mutating func ended(_ request: FeedRequest, on connection: ConnectionID, at now: Instant) {
        guard let request = leaving(request, on: connection) else { return }
        held[connection]?[request] = nil
        guard let user = request.user, !users(subscribedOn: connection).contains(user) else { return }
        linger(user, on: connection, at: now)
    }

    /// The subscription that the venue shows so, perhaps with the coin or the user in another case.
    private func leaving(_ shown: FeedRequest, on connection: ConnectionID) -> FeedRequest? {
        if let subscription = held[connection]?[shown] { return subscription.isLeaving ? shown : nil }
        let text = "\(shown)".lowercased()
        return held[connection]?.first { $0.value.isLeaving && "\($0.key)".lowercased() == text }?.key
    }

    private mutating func linger(_ user: String, on connection: ConnectionID, at now: Instant) {
        let until = now.advanced(by: limits.userLinger)
        lingering.append(LingeringUser(user: user, connection: connection, until: until))
    }

    private func users(subscribedOn connection: ConnectionID) -> Set<String> {
        Set((held[connection] ?? [:]).keys.compactMap(\.user))
    }

    /// The venue has refused a subscription, so it does not count.
    mutating func refused(_ request: FeedRequest, on connection: ConnectionID) {
        held[connection]?[request] = nil
    }

    /// A connection has ended.
    mutating func lost(_ connection: ConnectionID, at now: Instant) {
        connections.remove(connection)
        asked[connection] = nil
        let subscriptions = held.removeValue(forKey: connection) ?? [:]
        for user in Set(subscriptions.keys.compactMap(\.user)) { linger(user, on: connection, at: now) }
    }

    // MARK: Posts

    mutating func sentPost(
        _ id: PostID, _ kind: PostKind, weight: Int, on connection: ConnectionID, at now: Instant,
        _ journal: inout Journal
    ) {
        countMessage(at: now, &journal)
        count(weight: weight, at: now)
        if kind == .info, count(requests, within: .seconds(60), of: now) > limits.requestWeightPerMinute {
            journal.violate("more weight of requests in a minute than allowed", at: now)
        }
        for (id, until) in abandonedPosts where until <= now {
            posts[id] = nil
            abandonedPosts[id] = nil
        }
        posts[id] = connection
        if posts.count > limits.postsInFlight { journal.violate("more posts in flight than allowed", at: now) }
    }

    /// Counts the weight of a request, or what its answer adds.
    mutating func count(weight: Int, at now: Instant) {
        requests += Array(repeating: now, count: weight)
    }

    /// The venue has answered or rejected a post.
    mutating func answered(_ id: PostID, on connection: ConnectionID) {
        if posts[id] == connection { posts[id] = nil }
    }

    /// The caller no longer waits for a post. It counts until the given time, in case the venue still answers.
    mutating func abandoned(_ id: PostID, until: Instant) {
        if posts[id] != nil { abandonedPosts[id] = until }
    }

    mutating func lostPosts(on connection: ConnectionID) {
        posts = posts.filter { $0.value != connection }
    }

    /// Whether the venue has no subscription of any client.
    var isEmpty: Bool { held.values.allSatisfy(\.isEmpty) }
}
