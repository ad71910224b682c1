/// Whether a feed may share its connection, and with whom.
public enum ConnectionType: String, Hashable, Sendable, CaseIterable {
    /// May share a connection with any other feed: its messages name their subscription.
    case shared
    /// Its messages do not say which variant they belong to, so two variants never share a connection.
    case dedicated
    /// Belongs to a user and shares a connection with the same user's other feeds.
    case userGrouped
}

/// Which socket of the venue serves a feed.
public enum EndpointKind: String, Hashable, Sendable, CaseIterable, Comparable {
    /// The API socket: everything but the explorer's feeds.
    case api
    /// The explorer's socket: `explorerBlock` and `explorerTxs`, as bare arrays.
    case explorer

    /// Orders the API socket first.
    public static func < (lhs: EndpointKind, rhs: EndpointKind) -> Bool { lhs == .api && rhs == .explorer }
}

/// What the venue sends first after a subscribe.
public enum SnapshotRule: String, Hashable, Sendable, CaseIterable {
    /// Nothing: only what happens from then on.
    case none
    /// Every message is the full state, the first one at once.
    case everyMessage
    /// The first message is the state at that moment; changes follow.
    case firstMessage
    /// The first message is marked `isSnapshot` and holds recent rows; new rows follow.
    case marked
    /// The first message repeats recent events without a mark.
    case replay
}

/// Which feeds are asked for first when not all can be at once: at the start, and after a loss.
///
/// A less urgent feed is not passed for ever: one that waits goes before a more urgent one that comes 10 s later, for
/// each step between them.
public enum FeedPriority: String, Hashable, Sendable, CaseIterable {
    /// What happens to a user's money: orders, fills, positions.
    case high
    /// Prices: books, best offers, trades, mids.
    case normal
    /// Summaries and records: candles, contexts of whole markets, histories, the explorer.
    case low
}

/// What becomes of events when a subscriber is slower than its feed.
public enum DeliveryPolicy: Hashable, Sendable {
    /// One slot: a slow reader gets the newest state; what it missed is counted as conflated.
    case latest
    /// Up to `limit` events wait; one more ends the subscription with an overflow error.
    case buffered(limit: Int)
    /// Up to `limit` events wait; one more drops the oldest, and a gap counts what is missing.
    case droppingOldest(limit: Int)

    /// 4096 events: a minute of a busy trades feed.
    public static let buffered = DeliveryPolicy.buffered(limit: 4096)
}

/// Where in a message the fields stand that tell which subscription it belongs to.
public struct RouteScheme: Hashable, Sendable {
    /// One field by its path inside `data`; `0` is an array's first element. Absent or null reads as empty.
    public struct Field: Hashable, Sendable {
        let path: [String]

        /// Names the path from `data` down.
        public init(_ path: String...) {
            self.path = path
        }
    }

    /// Where most channels have their one field, which is looked for there first.
    enum ExpectedField: Hashable, Sendable {
        case coin
        case firstCoin
        case other
    }

    let fields: [Field]
    let expectedField: ExpectedField

    /// Makes a scheme of the fields whose values, in this order, make a feed's `routeKey`.
    public init(_ fields: Field...) {
        self.init(fields: fields)
    }

    private init(fields: [Field]) {
        self.fields = fields
        switch fields.map(\.path) {
        case [["coin"]]: expectedField = .coin
        case [["0", "coin"]]: expectedField = .firstCoin
        default: expectedField = .other
        }
    }

    /// The fields' paths from `data` down, joined by points.
    public var paths: [String] { fields.map { $0.path.joined(separator: ".") } }

    /// The channel alone tells: its messages carry no key.
    public static let channel = RouteScheme()
    /// By `data.coin`.
    public static let coin = RouteScheme(Field("coin"))
    /// By the coin of the first of `data`'s elements.
    public static let firstCoin = RouteScheme(Field("0", "coin"))
    /// By `data.s` and `data.i`.
    public static let candle = RouteScheme(Field("s"), Field("i"))
    /// By `data.dex`.
    public static let dex = RouteScheme(Field("dex"))
    /// By `data.user`.
    public static let user = RouteScheme(Field("user"))
    /// By `data.user` and `data.dex`.
    public static let userAndDex = RouteScheme(Field("user"), Field("dex"))
    /// By `data.user` and `data.coin`.
    public static let userAndCoin = RouteScheme(Field("user"), Field("coin"))
    /// By `data.userState.user`.
    public static let userState = RouteScheme(Field("userState", "user"))
}

/// What the client must know of a feed beside its request: how it is placed, routed and delivered.
public struct FeedTraits: Hashable, Sendable {
    /// Whether it may share its connection.
    public var connectionType: ConnectionType
    /// Which socket serves it.
    public var endpoint: EndpointKind
    /// The channel its messages name; the explorer's bare arrays count as channels named like their types.
    public var channel: String
    /// Where its messages show their key.
    public var route: RouteScheme
    /// The values that its own messages show there.
    public var routeKey: [String]
    /// What comes first after a subscribe.
    public var snapshot: SnapshotRule
    /// What becomes of events that a slow subscriber has not taken, unless it says otherwise.
    public var delivery: DeliveryPolicy
    /// How urgently it is asked for beside others: normal unless said otherwise.
    public var priority: FeedPriority
    /// Whether two equal messages are always one and the same, because each shows its time or an id: so it is known
    /// for one when two connections bring it. `false` unless said otherwise; asked only where `snapshot` is `.none`.
    public var hasDistinctMessages: Bool

    /// Describes a feed. `routeKey` holds one value for each field of `route`.
    public init(
        _ connectionType: ConnectionType, endpoint: EndpointKind = .api, channel: String,
        route: RouteScheme = .channel, routeKey: [String] = [], snapshot: SnapshotRule, delivery: DeliveryPolicy,
        priority: FeedPriority = .normal, hasDistinctMessages: Bool = false
    ) {
        precondition(route.fields.count == routeKey.count, "a route key needs one value for each field of its route")
        self.connectionType = connectionType
        self.endpoint = endpoint
        self.channel = channel
        self.route = route
        self.routeKey = routeKey
        self.snapshot = snapshot
        self.delivery = delivery
        self.priority = priority
        self.hasDistinctMessages = hasDistinctMessages
    }
}
