package import HyperliquidWire

/// The upstream subscriptions of one slot, its *members*, as placement sees them.
///
/// Members are indexed by user and by route, so that a query costs the same for one member and for a thousand. The load
/// is a value, so that a search can try an arrangement on a copy.
package struct PlacementLoad: Hashable, Sendable {
    /// The members on one channel. All of them use the same route scheme; otherwise they would be ambiguous.
    private struct Channel: Hashable, Sendable {
        let route: RouteScheme
        var holders: [_RouteKey: UpstreamID]
    }

    package let slot: SlotID
    package private(set) var kind: ConnectionSlot.Kind
    package let endpoint: EndpointKind
    /// The members, oldest first.
    package private(set) var members: [UpstreamID] = []
    /// The item of each member.
    package private(set) var items: [UpstreamID: PlacementItem] = [:]
    /// The number of members of each user.
    package private(set) var users: [String: Int] = [:]
    /// The number of changes so far. If the count is the same at two times, the load has not changed in between.
    package private(set) var changeCount: UInt64 = 0
    private var channels: [String: Channel] = [:]
    /// For each user that has left the slot, the time until which the venue may still count it there.
    private var lingering: [String: Instant] = [:]

    package init(slot: SlotID, kind: ConnectionSlot.Kind, endpoint: EndpointKind) {
        self.slot = slot
        self.kind = kind
        self.endpoint = endpoint
    }

    /// Changes the kind of a slot for trials, which becomes one like others.
    mutating func become(_ kind: ConnectionSlot.Kind) {
        changeCount += 1
        self.kind = kind
    }

    /// The members' items, oldest first.
    package var itemsInOrder: [PlacementItem] { members.compactMap { items[$0] } }

    package var count: Int { members.count }

    package var isEmpty: Bool { members.isEmpty }

    /// The members that are ambiguous with `key`, oldest first.
    package func ambiguous(with key: AmbiguityKey) -> [UpstreamID] {
        guard let channel = channels[key.channel] else { return [] }
        if channel.route == key.route { return channel.holders[key.routeKey].map { [$0] } ?? [] }
        return channel.holders.values.sorted()
    }

    package func isAmbiguous(with key: AmbiguityKey) -> Bool {
        guard let channel = channels[key.channel] else { return false }
        return channel.route != key.route || channel.holders[key.routeKey] != nil
    }

    /// Whether the members on the channel of `key` use another route scheme, which makes all of them ambiguous with it.
    func isMixed(_ key: AmbiguityKey) -> Bool {
        channels[key.channel].map { $0.route != key.route } ?? false
    }

    package func carries(user: String) -> Bool { users[user] != nil }

    /// The number of users that the venue may count on this slot's connection once `user` is added.
    package func userCount(adding user: String, at now: Instant) -> Int {
        let others = lingering.count { $0.value > now && $0.key != user && users[$0.key] == nil }
        return users.count + others + (users[user] == nil ? 1 : 0)
    }

    /// The number of lingering users on this slot's connection that are not in `others`.
    package func lingeringCount(beside others: Set<String>, at now: Instant) -> Int {
        lingering.count { $0.value > now && !others.contains($0.key) }
    }

    /// The earliest time at which the venue stops counting a lingering user on this slot; `nil` if no user lingers.
    package func nextUserEnd(at now: Instant) -> Instant? {
        lingering.filter { $0.value > now && users[$0.key] == nil }.map(\.value).min()
    }

    /// Adds a member. Traps if it is ambiguous with another member.
    package mutating func add(_ item: PlacementItem) {
        changeCount += 1
        members.append(item.id)
        items[item.id] = item
        let key = item.ambiguityKey
        let known: Void? = channels.update(key.channel) { channel in
            let former = channel.holders.updateValue(item.id, forKey: key.routeKey)
            precondition(
                former == nil && channel.route == key.route, "two ambiguous identities must not share a slot")
        }
        if known == nil { channels[key.channel] = Channel(route: key.route, holders: [key.routeKey: item.id]) }
        if let user = item.user { users[user, default: 0] += 1 }
    }

    /// Removes a member, whose user the venue counts on this slot until `lingersUntil`; returns `false` if `id` is no
    /// member.
    @discardableResult
    package mutating func remove(_ id: UpstreamID, lingersUntil: Instant = .start) -> Bool {
        guard let item = items.removeValue(forKey: id), let index = members.firstIndex(of: id) else { return false }
        changeCount += 1
        members.remove(at: index)
        let key = item.ambiguityKey
        channels[key.channel]?.holders[key.routeKey] = nil
        if channels[key.channel]?.holders.isEmpty == true { channels[key.channel] = nil }
        if let user = item.user, let count = users[user] {
            users[user] = count > 1 ? count - 1 : nil
            // A feed that was never asked for must not shorten the linger of an earlier feed of its user.
            lingering[user] = max(lingering[user] ?? .start, lingersUntil)
        }
        return true
    }

    /// Forgets all lingering users, because the slot has lost its connection and the venue counts none on a new one.
    package mutating func forgetLingering() {
        changeCount += 1
        lingering.removeAll()
    }
}

/// The properties of an upstream subscription that placement uses: identity, connection type, ambiguity key and user.
package struct PlacementItem: Hashable, Sendable {
    package let id: UpstreamID
    private let feed: FeedDescription

    package init(_ upstream: UpstreamSubscription) {
        id = upstream.id
        feed = upstream.feed
    }

    package init(id: UpstreamID, request: FeedRequest, traits: FeedTraits) {
        self.id = id
        feed = FeedDescription(request, traits)
    }

    package var request: FeedRequest { feed.request }

    package var ambiguityKey: AmbiguityKey { feed.ambiguityKey }

    package var connectionType: ConnectionType { feed.traits.connectionType }

    /// The user of the feed; `nil` for market data.
    package var user: String? { feed.user }
}

/// The parts of a feed's description that decide whether its messages can be told apart from those of another feed.
package struct AmbiguityKey: Hashable, Sendable {
    package let endpoint: EndpointKind
    package let channel: String
    let route: RouteScheme
    let routeKey: _RouteKey

    package init(_ traits: FeedTraits) {
        endpoint = traits.endpoint
        channel = traits.channel
        route = traits.route
        routeKey = _RouteKey(traits.routeKey)
    }

    /// Whether the messages of two feeds with these keys cannot be told apart on one connection.
    ///
    /// All messages of a channel are read by one route scheme. A feed with another scheme, such as a raw feed of an
    /// unknown type that shares the channel's name, is ambiguous with every other feed of the channel.
    package func isAmbiguous(with other: AmbiguityKey) -> Bool {
        endpoint == other.endpoint && channel == other.channel && (route != other.route || routeKey == other.routeKey)
    }
}
