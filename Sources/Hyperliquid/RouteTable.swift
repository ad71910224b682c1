/// Which wire subscription a message belongs to, on one link. Bound to the client's loop.
struct RouteTable {
    /// The wire subscriptions of one channel. A class, so that finding it copies nothing.
    final class Channel {
        let scheme: RouteScheme
        fileprivate var sinks = SinkTable()

        fileprivate init(scheme: RouteScheme) {
            self.scheme = scheme
        }

        /// The wire subscription, if there is just one.
        var only: WireSink? { sinks.only }

        /// The wire subscription that the message is for.
        @inline(__always) func sink(for reader: inout MessageReader) -> WireSink? {
            guard let key = reader.routeKey(by: scheme) else { return nil }
            return sinks[key] ?? allDexs(&reader)
        }

        /// Where no other fits, one over all builder dexes takes what names any dex, of the same user if it names one
        /// (PROTOCOL 3.0: what such a message shows there is not known).
        private func allDexs(_ reader: inout MessageReader) -> WireSink? {
            guard scheme.paths.last == "dex" else { return nil }
            let key = reader.routeKey(by: scheme.withoutLast)
            return sinks.all.first { sink in
                sink.traits.routeKey.last == "ALL_DEXS" && RouteKey(sink.traits.routeKey.dropLast()) == key
            }
        }
    }

    private var channels: [(key: ChannelKey, channel: Channel)] = []

    /// The channel's wire subscriptions; a link has a handful of channels, so they are tried in turn.
    @inline(__always) func channel(_ key: ChannelKey) -> Channel? {
        for index in channels.indices where channels[index].key == key { return channels[index].channel }
        return nil
    }

    mutating func add(_ sink: WireSink) {
        let key = ChannelKey(sink.traits.channel)
        if let channel = channel(key) { return channel.sinks.add(sink) }
        let channel = Channel(scheme: sink.traits.route)
        channel.sinks.add(sink)
        channels.append((key, channel))
    }

    mutating func remove(_ sink: WireSink) {
        let key = ChannelKey(sink.traits.channel)
        guard let index = channels.firstIndex(where: { $0.key == key }) else { return }
        channels[index].channel.sinks.remove(sink)
        if channels[index].channel.sinks.isEmpty { channels.remove(at: index) }
    }
}
