/// Which upstream subscription a message belongs to, on one connection. Bound to the client's loop.
package struct MessageRouter {
    /// The upstream subscriptions of one channel. A class, so that finding it copies nothing.
    package final class Channel {
        package let scheme: RouteScheme
        fileprivate let name: String
        /// Unchecked: no access to it comes back here.
        @exclusivity(unchecked) fileprivate var dispatchers = RouteKeyTable()

        fileprivate init(_ name: String, scheme: RouteScheme) {
            self.name = name
            self.scheme = scheme
        }

        /// The upstream subscription, if there is just one.
        var only: Unmanaged<UpstreamDispatcher>? { unsafe dispatchers.only }

        /// The upstream subscription of a message, by its key.
        package func dispatcher(of reader: inout MessageReader) -> Unmanaged<UpstreamDispatcher>? {
            guard let key = reader.routeKey(by: scheme) else { return nil }
            return unsafe dispatchers.find(key) ?? allDexs(&reader)
        }

        /// Where no other fits, the user's one over all builder dexes takes what names any dex
        /// (docs/protocol.md, "ALL_DEXS": what such a message shows there is not known).
        @inline(never) private func allDexs(_ reader: inout MessageReader) -> Unmanaged<UpstreamDispatcher>? {
            let rest: RouteScheme
            switch scheme {
            case .dex: rest = .channel
            case .userAndDex: rest = .user
            default: return nil
            }
            guard let key = reader.routeKey(by: rest) else { return nil }
            let found = unsafe dispatchers.all.first { dispatcher in
                dispatcher.traits.routeKey.last == "ALL_DEXS" && RouteKey(dispatcher.traits.routeKey.dropLast()) == key
            }
            return unsafe found.map { unsafe Unmanaged.passUnretained($0) }
        }
    }

    private var channels: [(key: ChannelKey, channel: Channel)] = []

    package init() {}

    /// The channel's upstream subscriptions; a connection has a handful of channels, so they are tried in turn.
    ///
    /// Unmanaged, as all on a message's way: valid until the table changes.
    @inline(__always) package func channel(_ key: ChannelKey) -> Unmanaged<Channel>? {
        for index in channels.indices where channels[index].key == key {
            return unsafe Unmanaged.passUnretained(channels[index].channel)
        }
        return nil
    }

    package mutating func add(_ dispatcher: UpstreamDispatcher) {
        let name = dispatcher.traits.channel
        if let (_, known) = channels.first(where: { $0.channel.name == name }) {
            return unsafe known.dispatchers.add(dispatcher)
        }
        let channel = Channel(name, scheme: dispatcher.traits.route)
        unsafe channel.dispatchers.add(dispatcher)
        channels.append((ChannelKey(name), channel))
    }

    mutating func remove(_ dispatcher: UpstreamDispatcher) {
        let key = ChannelKey(dispatcher.traits.channel)
        guard let index = channels.firstIndex(where: { $0.key == key }) else { return }
        unsafe channels[index].channel.dispatchers.remove(dispatcher)
        if unsafe channels[index].channel.dispatchers.isEmpty { channels.remove(at: index) }
    }
}
