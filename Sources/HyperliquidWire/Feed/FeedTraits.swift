/// Whether a feed may share its connection, and with which feeds.
public enum ConnectionType: String, Hashable, Sendable, CaseIterable {
    /// May share a connection with any other feed: its messages name their subscription, or its channel has only one.
    case shared
    /// Its messages do not name all of its parameters: those of a book name the coin, but not `nSigFigs`. Two feeds
    /// that differ only in parameters that the messages do not name never share a connection.
    case dedicated
    /// Belongs to a user. With the policy ``PlacementPolicy/isolated(sharedLimit:)``, it shares a connection with other
    /// feeds of the same user only.
    case userGrouped
}

/// The socket of the venue that serves a feed.
public enum EndpointKind: String, Hashable, Sendable, CaseIterable, Comparable {
    /// The API socket: all feeds except those of the explorer.
    case api
    /// The explorer's socket: `explorerBlock` and `explorerTxs`, sent as bare arrays.
    case explorer

    /// Orders the API socket first.
    public static func < (lhs: EndpointKind, rhs: EndpointKind) -> Bool { lhs == .api && rhs == .explorer }
}

/// What the venue sends first after a subscribe.
public enum SnapshotRule: String, Hashable, Sendable, CaseIterable {
    /// No snapshot: only events from then on.
    case none
    /// Every message is the full state; the first one is sent at once.
    case everyMessage
    /// The first message is the full state; changes follow.
    case firstMessage
    /// The first message is marked `isSnapshot` and has recent rows; new rows follow.
    case marked
    /// The first message repeats recent events without a mark.
    case replay
}

/// The order in which feeds are subscribed to at the start, and after the loss of a connection, if the limits do not
/// allow all at once.
///
/// A less urgent feed is not passed over for ever: it goes before a feed one step more urgent that came about 10 s
/// later.
public enum FeedPriority: String, Hashable, Sendable, CaseIterable {
    /// A user's money: orders, fills, positions.
    case high
    /// Prices: books, best offers, trades, mids.
    case normal
    /// Summaries and records: candles, contexts of whole markets, histories, the explorer.
    case low
}

/// What happens to events if a subscriber is slower than its feed.
public enum DeliveryPolicy: Hashable, Sendable {
    /// Keeps the newest state, and all gaps and faults: a slow reader receives that state, and the replaced ones are
    /// counted as conflated. If more than 64 gaps and faults wait before that state, or behind it, the gaps there
    /// become one, and the faults are left out.
    case latest
    /// Keeps up to `limit` events, 1 or more. If what arrives does not fit, the subscription ends with an overflow
    /// error. Gaps take no place.
    case buffered(limit: Int)
    /// Keeps up to `limit` events, 1 or more. If what arrives does not fit, the oldest are dropped, and a gap counts
    /// them. Gaps take no place; those among the dropped events become part of that gap.
    case droppingOldest(limit: Int)

    /// Keeps 4096 events.
    public static let buffered = DeliveryPolicy.buffered(limit: 4096)
}

/// The fields of a message that show to which subscription it belongs.
public struct RouteScheme: Hashable, Sendable {
    /// One field, by its path inside `data`; `0` is the first element of an array. A field that is absent or null
    /// counts as an empty string.
    public struct Field: Hashable, Sendable {
        let path: [String]

        /// Creates a field from the names on its path, from `data` down.
        public init(_ path: String...) {
            self.path = path
        }
    }

    /// The key field of most channels: the coin at the start of `data`, or of its first element. The reader looks there
    /// first.
    enum ExpectedField: Hashable, Sendable {
        case coin
        case firstCoin
        case other
    }

    let fields: [Field]
    let expectedField: ExpectedField

    /// Creates a scheme from the fields whose values, in this order, are a feed's `routeKey`.
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

    /// The paths of the fields from `data` down, joined by points.
    public var paths: [String] { fields.map { $0.path.joined(separator: ".") } }

    /// The scheme of the other fields.
    package func withoutField(at index: Int) -> RouteScheme {
        RouteScheme(fields: Array(fields[..<index] + fields[(index + 1)...]))
    }

    /// No field: the channel alone identifies the subscription.
    public static let channel = RouteScheme()
    /// Routed by `data.coin`.
    public static let coin = RouteScheme(Field("coin"))
    /// Routed by the coin of the first element of `data`.
    public static let firstCoin = RouteScheme(Field("0", "coin"))
    /// Routed by `data.s` and `data.i`.
    public static let candle = RouteScheme(Field("s"), Field("i"))
    /// Routed by `data.dex`.
    public static let dex = RouteScheme(Field("dex"))
    /// Routed by `data.user`.
    public static let user = RouteScheme(Field("user"))
    /// Routed by `data.user` and `data.dex`.
    public static let userAndDex = RouteScheme(Field("user"), Field("dex"))
    /// Routed by `data.user` and `data.coin`.
    public static let userAndCoin = RouteScheme(Field("user"), Field("coin"))
    /// Routed by `data.userState.user`.
    public static let userState = RouteScheme(Field("userState", "user"))
}

/// The properties of a feed that decide how it is placed, routed and delivered.
public struct FeedTraits: Hashable, Sendable {
    /// Whether the feed may share its connection.
    public var connectionType: ConnectionType
    /// The socket that serves the feed; the API socket by default.
    public var endpoint: EndpointKind
    /// The channel that its messages name. The bare arrays of the explorer count as channels named like their types.
    public var channel: String
    /// The fields of its messages that show their key; none by default.
    public var route: RouteScheme
    /// The values of the fields of `route` in this feed's messages, in the same order.
    public var routeKey: [String]
    /// What the venue sends first after a subscribe.
    public var snapshot: SnapshotRule
    /// The delivery policy of subscriptions that do not choose one.
    public var delivery: DeliveryPolicy
    /// Whether each event is a state that replaces the one before. A subscription that joins a live feed is then given
    /// the last event as a `.snapshot`.
    ///
    /// By default `true` if every message is the full state, or if `delivery` is `.latest`.
    public var deliversStates: Bool
    /// How urgently the feed is subscribed to, compared with others; `.normal` by default.
    public var priority: FeedPriority
    /// Whether two equal messages are always one message received twice, because each carries a time or an id. If two
    /// connections deliver the same message, it is then recognised.
    ///
    /// `false` by default; used only if `snapshot` is `.none`.
    public var hasDistinctMessages: Bool
    /// Whether the venue sends messages at intervals whatever happens, so that silence is a sign of a fault: the feed is
    /// then subscribed to again, with a gap of the reason `stale`. `false` by default: a feed that sends changes may be
    /// silent for long.
    public var ticks: Bool

    /// Describes a feed.
    /// - Precondition: `routeKey` has one value for each field of `route`.
    public init(
        _ connectionType: ConnectionType, endpoint: EndpointKind = .api, channel: String,
        route: RouteScheme = .channel, routeKey: [String] = [], snapshot: SnapshotRule, delivery: DeliveryPolicy,
        priority: FeedPriority = .normal, hasDistinctMessages: Bool = false, deliversStates: Bool? = nil,
        ticks: Bool = false
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
        self.ticks = ticks
        self.deliversStates = deliversStates ?? (snapshot == .everyMessage || delivery == .latest)
    }
}
