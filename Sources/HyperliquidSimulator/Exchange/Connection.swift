internal import HyperliquidWire

/// One connection, as the exchange sees it.
struct ExchangeConnection: Sendable {
    /// Something to be sent, and whether it resets the connection's clock.
    struct Outgoing: Sendable {
        let due: Instant
        let bytes: [UInt8]
        let resets: Bool
        var origin: SubscriptionNumber?
    }

    let id: ExchangeConnectionID
    let path: EndpointKind
    let openedAt: Instant
    /// When data or a pong were sent last: acknowledgements do not count (docs/protocol.md, "Liveness").
    var lastReset: Instant
    /// What it has, each with its user.
    var subscriptions: [Topic: String?] = [:]
    /// How many subscriptions each user has here.
    private(set) var users: [String: Int] = [:]
    /// What waits to be sent, in order.
    var outbox: [Outgoing] = []
    /// Answers to posts, by when they are ready: they may overtake one another.
    var posts: [Outgoing] = []
    /// When it is dropped, because of a poisonous subscription.
    var dropAt: Instant?
    var isSilent = false

    init(id: ExchangeConnectionID, path: EndpointKind, at now: Instant) {
        self.id = id
        self.path = path
        openedAt = now
        lastReset = now
    }

    mutating func add(_ topic: Topic, user: String?) {
        subscriptions[topic] = .some(user)
        if let user { users[user, default: 0] += 1 }
    }

    /// Forgets a subscription and gives the user who has none here any more.
    mutating func remove(_ topic: Topic) -> String? {
        guard let user = subscriptions.removeValue(forKey: topic) ?? nil else { return nil }
        let left = (users[user] ?? 1) - 1
        users[user] = left > 0 ? left : nil
        return left > 0 ? nil : user
    }

    /// Puts an answer to a post where its time is.
    mutating func insert(post: Outgoing) {
        let index = posts.lastIndex { $0.due <= post.due }.map { $0 + 1 } ?? 0
        posts.insert(post, at: index)
    }

    /// When something is to be sent next.
    var nextDue: Instant? {
        [outbox.first?.due, posts.first?.due].compactMap { $0 }.min()
    }
}
