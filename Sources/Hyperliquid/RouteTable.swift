/// Which wire subscription a message belongs to, on one link. Bound to the client's loop.
package struct RouteTable {
    /// The wire subscriptions of one channel. A class, so that finding it copies nothing.
    package final class Channel {
        package let scheme: RouteScheme
        fileprivate let name: String
        /// Unchecked: no access to it comes back here.
        @exclusivity(unchecked) fileprivate var sinks = SinkTable()

        fileprivate init(_ name: String, scheme: RouteScheme) {
            self.name = name
            self.scheme = scheme
        }

        /// The wire subscription, if there is just one.
        var only: Unmanaged<WireSink>? { unsafe sinks.only }

        /// The wire subscription of a message, by its key.
        package func sink(of reader: inout MessageReader) -> Unmanaged<WireSink>? {
            guard let key = reader.routeKey(by: scheme) else { return nil }
            return unsafe sinks.find(key) ?? allDexs(&reader)
        }

        /// Where no other fits, the user's one over all builder dexes takes what names any dex (PROTOCOL 3.0: what
        /// such a message shows there is not known).
        @inline(never) private func allDexs(_ reader: inout MessageReader) -> Unmanaged<WireSink>? {
            let rest: RouteScheme
            switch scheme {
            case .dex: rest = .channel
            case .userAndDex: rest = .user
            default: return nil
            }
            guard let key = reader.routeKey(by: rest) else { return nil }
            let found = unsafe sinks.all.first { sink in
                sink.traits.routeKey.last == "ALL_DEXS" && RouteKey(sink.traits.routeKey.dropLast()) == key
            }
            return unsafe found.map { unsafe Unmanaged.passUnretained($0) }
        }
    }

    private var channels: [(key: ChannelKey, channel: Channel)] = []

    package init() {}

    /// The channel's wire subscriptions; a link has a handful of channels, so they are tried in turn.
    ///
    /// Unmanaged, as all on a message's way: valid until the table changes.
    @inline(__always) package func channel(_ key: ChannelKey) -> Unmanaged<Channel>? {
        for index in channels.indices where channels[index].key == key {
            return unsafe Unmanaged.passUnretained(channels[index].channel)
        }
        return nil
    }

    package mutating func add(_ sink: WireSink) {
        let name = sink.traits.channel
        if let (_, known) = channels.first(where: { $0.channel.name == name }) { return unsafe known.sinks.add(sink) }
        let channel = Channel(name, scheme: sink.traits.route)
        unsafe channel.sinks.add(sink)
        channels.append((ChannelKey(name), channel))
    }

    mutating func remove(_ sink: WireSink) {
        let key = ChannelKey(sink.traits.channel)
        guard let index = channels.firstIndex(where: { $0.key == key }) else { return }
        unsafe channels[index].channel.sinks.remove(sink)
        if unsafe channels[index].channel.sinks.isEmpty { channels.remove(at: index) }
    }
}
