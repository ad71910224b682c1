import HyperliquidEngine
import HyperliquidWire

/// Judges limits and confusability by what was really sent and dialled, not by the engine's own counters.
struct LimitChecker {
    /// What the venue may have on a connection: asked for, and not known to be gone.
    private struct Standing {
        var isLeaving = false
    }

    private struct Lingering {
        let user: String
        let connection: ConnectionID
        let until: Instant
    }

    private let limits: VenueLimits
    private var dials: [Instant] = []
    private var messages: [Instant] = []
    private var connections: Set<ConnectionID> = []
    private var standing: [ConnectionID: [FeedRequest: Standing]] = [:]
    /// When each identity was last asked for on a connection, whatever came of it.
    private var asked: [ConnectionID: [FeedRequest: Instant]] = [:]
    private var lingering: [Lingering] = []
    /// The requests of which the venue may still have to answer one, each with its connection.
    private var posts: [PostID: ConnectionID] = [:]
    private var abandonedPosts: [PostID: Instant] = [:]

    init(limits: VenueLimits) {
        self.limits = limits
    }

    var messageCount: Int { messages.count }

    // MARK: What we do

    mutating func dialled(_ connection: ConnectionID, at now: Instant, _ journal: inout Journal) {
        dials.append(now)
        connections.insert(connection)
        if count(dials, within: .seconds(60), of: now) > limits.dialsPerMinute {
            journal.violate("more dials in a minute than allowed", at: now)
        }
        if connections.count > limits.connectionCount { journal.violate("more connections than allowed", at: now) }
    }

    mutating func sent(
        _ message: Engine.Message, on connection: ConnectionID, at now: Instant, _ journal: inout Journal
    ) {
        spent(at: now, &journal)
        switch message {
        case .subscribe(let request): asked(request, on: connection, at: now, &journal)
        case .unsubscribe(let request):
            if asked[connection]?[request] == nil {
                journal.violate("\(request) is ended but was not asked for", at: now)
            }
            standing[connection]?[request]?.isLeaving = true
        case .ping: break
        }
    }

    private mutating func spent(at now: Instant, _ journal: inout Journal) {
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

    private mutating func asked(
        _ request: FeedRequest, on connection: ConnectionID, at now: Instant, _ journal: inout Journal
    ) {
        let visible = OfferedFeeds.byRequest[request]?.visible
        for other in (standing[connection] ?? [:]).keys where other != request {
            if OfferedFeeds.byRequest[other]?.visible == visible {
                journal.violate("\(request) is asked for on \(connection) beside \(other), its double", at: now)
            }
        }
        asked[connection, default: [:]][request] = now
        standing[connection, default: [:]][request] = Standing()
        if standing.values.reduce(0, { $0 + $1.count }) > limits.subscriptionCount {
            journal.violate("more subscriptions than allowed", at: now)
        }
        if standing[connection]?.count ?? 0 > limits.subscriptionsPerConnection ?? limits.subscriptionCount {
            journal.violate("more subscriptions on \(connection) than allowed", at: now)
        }
        lingering.removeAll { $0.until <= now }
        if users(on: nil).count > limits.userCount { journal.violate("more users than allowed", at: now) }
        if users(on: connection).count > limits.usersPerConnection ?? limits.userCount {
            journal.violate("more users on \(connection) than allowed", at: now)
        }
    }

    private func users(on connection: ConnectionID?) -> Set<String> {
        var users = Set(lingering.filter { connection == nil || $0.connection == connection }.map(\.user))
        for (place, requests) in standing where connection == nil || place == connection {
            users.formUnion(requests.keys.compactMap(\.user))
        }
        return users
    }

    // MARK: What we learn

    /// The venue said that it does not have the subscription any more.
    mutating func ended(_ request: FeedRequest, on connection: ConnectionID, at now: Instant) {
        guard standing[connection]?[request]?.isLeaving == true else { return }
        standing[connection]?[request] = nil
        guard let user = request.user, !users(standingOn: connection).contains(user) else { return }
        lingering.append(Lingering(user: user, connection: connection, until: now.advanced(by: limits.userLinger)))
    }

    private func users(standingOn connection: ConnectionID) -> Set<String> {
        Set((standing[connection] ?? [:]).keys.compactMap(\.user))
    }

    /// The venue did not take the subscription: it never counted.
    mutating func refused(_ request: FeedRequest, on connection: ConnectionID) {
        standing[connection]?[request] = nil
    }

    /// Takes note of what the venue has, after a message to it: a subscription that it refused never counted.
    mutating func compare(
        _ connection: ConnectionID, with subscriptions: [FeedRequest], isSilent: Bool, at now: Instant
    ) {
        for (request, standing) in standing[connection] ?? [:] where !subscriptions.contains(request) {
            if standing.isLeaving { if isSilent { ended(request, on: connection, at: now) } }
        }
    }

    /// A connection is over. Names what was asked for on it so lately that it may have killed it.
    mutating func lost(_ connection: ConnectionID, window: Duration, at now: Instant) -> [FeedRequest] {
        connections.remove(connection)
        let gone = standing.removeValue(forKey: connection) ?? [:]
        for user in Set(gone.keys.compactMap(\.user)) {
            lingering.append(Lingering(user: user, connection: connection, until: now.advanced(by: limits.userLinger)))
        }
        return (asked.removeValue(forKey: connection) ?? [:]).filter { $0.value.advanced(by: window) > now }.map(\.key)
    }

    // MARK: Requests over the socket

    mutating func sentPost(_ id: PostID, on connection: ConnectionID, at now: Instant, _ journal: inout Journal) {
        spent(at: now, &journal)
        for (id, until) in abandonedPosts where until <= now {
            posts[id] = nil
            abandonedPosts[id] = nil
        }
        posts[id] = connection
        if posts.count > limits.postsInFlight { journal.violate("more requests in flight than allowed", at: now) }
    }

    /// The venue has answered it, or said that it does not look at it.
    mutating func answered(_ id: PostID, on connection: ConnectionID) {
        if posts[id] == connection { posts[id] = nil }
    }

    /// Nobody waits for it any more; after a while the venue has surely dropped it.
    mutating func abandoned(_ id: PostID, until: Instant) {
        if posts[id] != nil { abandonedPosts[id] = until }
    }

    mutating func lostPosts(on connection: ConnectionID) {
        posts = posts.filter { $0.value != connection }
    }

    /// What stands anywhere.
    var isEmpty: Bool { standing.values.allSatisfy(\.isEmpty) }
}
