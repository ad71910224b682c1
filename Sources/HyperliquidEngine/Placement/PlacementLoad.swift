package import HyperliquidWire

/// What a slot carries, as far as placement looks at it.
///
/// Indexed by what placement asks for, so that a question costs the same with one member and with a thousand; a
/// value, so that an arrangement can be tried on a copy.
package struct PlacementLoad: Hashable, Sendable {
    /// One channel's members: they are told apart by one scheme.
    private struct Channel: Hashable, Sendable {
        let route: RouteScheme
        var holders: [RouteKey: UpstreamID]
    }

    package let slot: SlotID
    package let kind: ConnectionSlot.Kind
    package let endpoint: EndpointKind
    /// Oldest first.
    package private(set) var members: [UpstreamID] = []
    package private(set) var items: [UpstreamID: PlacementItem] = [:]
    /// How many members each user has.
    package private(set) var users: [String: Int] = [:]
    /// Counts the changes, so that it can be seen whether there were any.
    package private(set) var changeCount: UInt64 = 0
    private var channels: [String: Channel] = [:]
    private var lingering: [String: Instant] = [:]

    package init(slot: SlotID, kind: ConnectionSlot.Kind, endpoint: EndpointKind) {
        self.slot = slot
        self.kind = kind
        self.endpoint = endpoint
    }

    var itemsInOrder: [PlacementItem] { members.compactMap { items[$0] } }

    package var count: Int { members.count }

    package var isEmpty: Bool { members.isEmpty }

    /// The members whose messages cannot be told from those of `key`, oldest first.
    package func ambiguous(with key: AmbiguityKey) -> [UpstreamID] {
        guard let channel = channels[key.channel] else { return [] }
        if channel.route == key.route { return channel.holders[key.routeKey].map { [$0] } ?? [] }
        return channel.holders.values.sorted()
    }

    package func isAmbiguous(with key: AmbiguityKey) -> Bool {
        guard let channel = channels[key.channel] else { return false }
        return channel.route != key.route || channel.holders[key.routeKey] != nil
    }

    /// Whether what is ambiguous with `key` reads its channel by another scheme.
    func isMixed(_ key: AmbiguityKey) -> Bool {
        channels[key.channel].map { $0.route != key.route } ?? false
    }

    package func carries(user: String) -> Bool { users[user] != nil }

    /// How many users the venue may count on this slot's connection, were `user` added.
    package func userCount(adding user: String, at now: Instant) -> Int {
        let others = lingering.count { $0.value > now && $0.key != user && users[$0.key] == nil }
        return users.count + others + (users[user] == nil ? 1 : 0)
    }

    /// How many users beside these the venue may still count on this slot's connection.
    package func lingeringCount(beside others: Set<String>, at now: Instant) -> Int {
        lingering.count { $0.value > now && !others.contains($0.key) }
    }

    /// When the venue stops counting the first of those users who have no feed here any more.
    package func nextUserEnd(at now: Instant) -> Instant? {
        lingering.filter { $0.value > now && users[$0.key] == nil }.map(\.value).min()
    }

    package mutating func add(_ item: PlacementItem) {
        changeCount += 1
        members.append(item.id)
        items[item.id] = item
        let key = item.ambiguityKey
        let known: Void? = channels.update(key.channel) { channel in
            let former = channel.holders.updateValue(item.id, forKey: key.routeKey)
            precondition(
                former == nil && channel.route == key.route, "no two ambiguous identities share a slot")
        }
        if known == nil { channels[key.channel] = Channel(route: key.route, holders: [key.routeKey: item.id]) }
        if let user = item.user { users[user, default: 0] += 1 }
    }

    /// Takes a member off; false when it is none.
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
            // One that was never asked for lingers less than one before it that was.
            lingering[user] = max(lingering[user] ?? .start, lingersUntil)
        }
        return true
    }

    /// The connection is another one now: the venue counts no lingering user on it.
    package mutating func forgetLingering() {
        changeCount += 1
        lingering.removeAll()
    }
}

/// The view that placement has of an upstream subscription.
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

    /// The user whose feed it is; `nil` for market data.
    package var user: String? { feed.user }
}

/// What a message of an identity shows of itself, so that two identities can be told apart or not.
package struct AmbiguityKey: Hashable, Sendable {
    package let endpoint: EndpointKind
    package let channel: String
    let route: RouteScheme
    let routeKey: RouteKey

    package init(_ traits: FeedTraits) {
        endpoint = traits.endpoint
        channel = traits.channel
        route = traits.route
        routeKey = RouteKey(traits.routeKey)
    }

    /// Whether messages of the two cannot be told apart on one connection.
    ///
    /// A channel's messages are read by one scheme: a feed that looks for its key elsewhere, or for none at all (a
    /// raw feed of an unknown type that shares the channel's name), is ambiguous with all the channel's others.
    package func isAmbiguous(with other: AmbiguityKey) -> Bool {
        endpoint == other.endpoint && channel == other.channel && (route != other.route || routeKey == other.routeKey)
    }
}
