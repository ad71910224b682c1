/// Finds the upstream subscription of each message on one connection, by its channel and its route key.
/// Bound to the client's loop.
///
/// It returns channels and dispatchers as unmanaged references, because reference counting would cost time per message.
/// A channel is valid until the router changes; a dispatcher that is removed is kept until the end of the read
/// (``_FlushQueue/deferRelease(_:)``).
package struct MessageRouter {
    /// The upstream subscriptions of one channel. A class, so that finding one copies nothing.
    package final class Channel {
        package let scheme: RouteScheme
        let name: String
        /// Its exclusivity is not checked at run time, because no access to the table calls code that could call back.
        @exclusivity(unchecked) fileprivate var dispatchers = RouteKeyTable()

        fileprivate init(_ name: String, scheme: RouteScheme) {
            self.name = name
            self.scheme = scheme
        }

        /// The upstream subscription, if it is the only one of the channel.
        var only: Unmanaged<UpstreamDispatcher>? { unsafe dispatchers.only }

        /// The upstream subscription of a message, by its route key.
        package func dispatcher(of reader: inout MessageReader) -> Unmanaged<UpstreamDispatcher>? {
            guard let key = reader._routeKey(by: scheme) else { return nil }
            return unsafe dispatchers.find(key) ?? dispatcherOfAllDexs(&reader)
        }

        /// The upstream subscription over all builder dexes, for a message whose dex no other subscription names
        /// (docs/protocol.md, "ALL_DEXS": the field's value in such messages is not known).
        @inline(never) private func dispatcherOfAllDexs(_ reader: inout MessageReader) -> Unmanaged<UpstreamDispatcher>?
        {
            let rest: RouteScheme
            switch scheme {
            case .dex: rest = .channel
            case .userAndDex: rest = .user
            default: return nil
            }
            guard let key = reader._routeKey(by: rest) else { return nil }
            let found = unsafe dispatchers.all.first { dispatcher in
                dispatcher.traits.routeKey.last == "ALL_DEXS" && _RouteKey(dispatcher.traits.routeKey.dropLast()) == key
            }
            return unsafe found.map { unsafe Unmanaged.passUnretained($0) }
        }
    }

    private var channels: [(key: _ChannelKey, channel: Channel)] = []
    private var asked = AskedFeeds()

    /// The upstream subscriptions of the channels for which `isIncluded` is `true`, the oldest first.
    func dispatchers(where isIncluded: (_ChannelKey) -> Bool) -> [UpstreamDispatcher] {
        var found: [UpstreamDispatcher] = []
        for (key, channel) in channels where isIncluded(key) { found += unsafe channel.dispatchers.all }
        return found.sorted { $0.id < $1.id }
    }

    package init() {}

    /// The upstream subscriptions of a channel. A connection has a handful of channels, so they are tried in turn.
    @inline(__always) package func channel(_ key: _ChannelKey) -> Unmanaged<Channel>? {
        for index in channels.indices where channels[index].key == key {
            return unsafe Unmanaged.passUnretained(channels[index].channel)
        }
        return nil
    }

    /// Adds an upstream subscription.
    /// - Precondition: No other upstream subscription has the same channel and route key.
    package mutating func add(_ dispatcher: UpstreamDispatcher) {
        let name = dispatcher.traits.channel
        if let (_, known) = channels.first(where: { $0.channel.name == name }) {
            return unsafe known.dispatchers.add(dispatcher)
        }
        let channel = Channel(name, scheme: dispatcher.traits.route)
        unsafe channel.dispatchers.add(dispatcher)
        channels.append((_ChannelKey(name), channel))
    }

    // MARK: Other spellings

    /// Notes that a feed is asked for on this connection, whether or not its messages are routed.
    mutating func ask(for request: FeedRequest) { asked.add(request) }

    /// The oldest upstream subscription of a channel that has never had a message.
    func silent(on channel: Channel) -> UpstreamDispatcher? {
        unsafe channel.dispatchers.all.filter(\.isSilent).min { $0.id < $1.id }
    }

    /// Finds the upstream subscription of a message whose key nobody has, because the venue spells the coin otherwise
    /// than it was asked for. From then on, messages with this key are its own.
    ///
    /// This is a guess from evidence, so it is made only if nothing else is possible (docs/architecture.md, "Other
    /// spellings").
    mutating func adopt(_ reader: inout MessageReader, on channel: Channel) -> UpstreamDispatcher? {
        guard let key = reader._routeKey(by: channel.scheme) else { return nil }
        var found: UpstreamDispatcher?
        for dispatcher in unsafe channel.dispatchers.all where dispatcher.isSilent {
            guard let position = dispatcher.coinPosition else { continue }
            var others = dispatcher.traits.routeKey
            others.remove(at: position)
            let rest = channel.scheme.withoutField(at: position)
            guard reader._routeKey(by: rest) == (others.isEmpty ? .none : _RouteKey(others)) else { continue }
            if found != nil { return nil }
            found = dispatcher
        }
        guard let found, key != found.routeKey(withCoin: "") else { return nil }
        let routed = unsafe Set(channel.dispatchers.all.map(\.request))
        guard asked.allow(key, for: found, besides: routed) else { return nil }
        found.adopt(key)
        unsafe channel.dispatchers.addSpelling(of: found)
        return found
    }

    /// Removes an upstream subscription; does nothing if it was not added.
    package mutating func remove(_ dispatcher: UpstreamDispatcher) {
        let key = _ChannelKey(dispatcher.traits.channel)
        guard let index = channels.firstIndex(where: { $0.key == key }) else { return }
        if !dispatcher.isSilent, dispatcher.spelling == nil { asked.settle(dispatcher.request) }
        unsafe channels[index].channel.dispatchers.remove(dispatcher)
        if unsafe channels[index].channel.dispatchers.isEmpty { channels.remove(at: index) }
    }
}

/// Upstream subscriptions by their route keys, for one look-up per message.
///
/// A dictionary's keyed hash costs some 200 instructions per message. In this table, nearly every dispatcher is found
/// in a slot that the key's own bits choose. If the slot was taken, the dispatcher is found in the dictionary, which
/// owns all dispatchers.
@safe private struct RouteKeyTable {
    /// Unowned: the dictionary owns the dispatcher, and owning it here too would count references at each look-up.
    @safe private struct Slot {
        var key = _RouteKey.none
        var dispatcher: Unmanaged<UpstreamDispatcher>?
    }

    private var byKey: [_RouteKey: UpstreamDispatcher] = [:]
    /// The dispatchers whose messages have another key than the one asked for, by that key. Usually there is none.
    private var bySpelling: [_RouteKey: UpstreamDispatcher] = [:]
    // The number of slots is a power of two, and at least four times the number of dispatchers.
    private var slots = [Slot()]
    /// The dispatcher, if it is the only one.
    private(set) var only: Unmanaged<UpstreamDispatcher>?

    var isEmpty: Bool { byKey.isEmpty }
    /// All dispatchers, in no particular order.
    var all: some Collection<UpstreamDispatcher> { byKey.values }

    private func slotIndex(of key: _RouteKey) -> Int { Int(truncatingIfNeeded: key.spread) & (slots.count &- 1) }

    /// Mutating only to work in place: a non-mutating call would count references to both buffers.
    mutating func find(_ key: _RouteKey) -> Unmanaged<UpstreamDispatcher>? {
        let slot = slots[slotIndex(of: key)]
        if slot.key == key, let dispatcher = unsafe slot.dispatcher { return unsafe dispatcher }
        return unsafe (byKey[key] ?? bySpelling[key]).map { unsafe Unmanaged.passUnretained($0) }
    }

    /// Adds the other key of a dispatcher; does nothing if it has none, or if another one has the key.
    mutating func addSpelling(of dispatcher: UpstreamDispatcher) {
        guard let spelling = dispatcher.spelling, byKey[spelling] == nil, bySpelling[spelling] == nil else { return }
        bySpelling[spelling] = dispatcher
    }

    mutating func add(_ dispatcher: UpstreamDispatcher) {
        let former = byKey.updateValue(dispatcher, forKey: dispatcher.routeKey)
        precondition(former == nil, "no two ambiguous feeds may share a connection")
        bySpelling.removeValue(forKey: dispatcher.routeKey)?.adopt(nil)
        addSpelling(of: dispatcher)
        unsafe only = byKey.count == 1 ? Unmanaged.passUnretained(dispatcher) : nil
        if byKey.count * 4 > slots.count {
            slots = Array(repeating: Slot(), count: slots.count * 4)
            for dispatcher in byKey.values { fill(dispatcher) }
        } else {
            fill(dispatcher)
        }
    }

    private mutating func fill(_ dispatcher: UpstreamDispatcher) {
        let index = slotIndex(of: dispatcher.routeKey)
        guard unsafe slots[index].dispatcher == nil else { return }
        slots[index] = unsafe Slot(key: dispatcher.routeKey, dispatcher: Unmanaged.passUnretained(dispatcher))
    }

    mutating func remove(_ dispatcher: UpstreamDispatcher) {
        guard byKey[dispatcher.routeKey] === dispatcher else { return }
        byKey[dispatcher.routeKey] = nil
        if let spelling = dispatcher.spelling, bySpelling[spelling] === dispatcher { bySpelling[spelling] = nil }
        let index = slotIndex(of: dispatcher.routeKey)
        if slots[index].key == dispatcher.routeKey { slots[index] = Slot() }
        unsafe only = byKey.count == 1 ? byKey.values.first.map { unsafe Unmanaged.passUnretained($0) } : nil
    }
}

/// The feeds that one connection was ever asked for, as evidence against a guess.
private struct AskedFeeds {
    /// If more are asked for, there are no more guesses.
    private static let limit = 4096

    /// By type, whether the feed has left and had messages under the key that it was asked for by.
    private var isSettled: [String: [FeedRequest: Bool]] = [:]
    private var count = 0

    mutating func add(_ request: FeedRequest) {
        guard count <= Self.limit else { return }
        if isSettled[request.type, default: [:]].updateValue(false, forKey: request) == nil { count += 1 }
        if count > Self.limit { isSettled = [:] }
    }

    mutating func settle(_ request: FeedRequest) {
        if isSettled[request.type]?[request] != nil { isSettled[request.type]?[request] = true }
    }

    /// Whether a key can be another spelling of this feed: no feed of its type was asked for by that key, and none
    /// whose messages are not routed may be the one that is spelt so.
    func allow(_ key: _RouteKey, for dispatcher: UpstreamDispatcher, besides routed: Set<FeedRequest>) -> Bool {
        guard count <= Self.limit else { return false }
        for (request, isSettled) in isSettled[dispatcher.request.type] ?? [:] {
            if let coin = request.coin, dispatcher.routeKey(withCoin: coin) == key { return false }
            if !isSettled, !routed.contains(request) { return false }
        }
        return true
    }
}
