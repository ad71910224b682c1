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
        fileprivate let name: String
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

    /// Removes an upstream subscription; does nothing if it was not added.
    package mutating func remove(_ dispatcher: UpstreamDispatcher) {
        let key = _ChannelKey(dispatcher.traits.channel)
        guard let index = channels.firstIndex(where: { $0.key == key }) else { return }
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
        return unsafe byKey[key].map { unsafe Unmanaged.passUnretained($0) }
    }

    mutating func add(_ dispatcher: UpstreamDispatcher) {
        let former = byKey.updateValue(dispatcher, forKey: dispatcher.routeKey)
        precondition(former == nil, "no two ambiguous feeds may share a connection")
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
        let index = slotIndex(of: dispatcher.routeKey)
        if slots[index].key == dispatcher.routeKey { slots[index] = Slot() }
        unsafe only = byKey.count == 1 ? byKey.values.first.map { unsafe Unmanaged.passUnretained($0) } : nil
    }
}
