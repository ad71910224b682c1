/// Which wire subscription a message belongs to, on one link. Bound to the client's loop.
struct RouteTable {
    /// The wire subscriptions of one channel.
    struct Channel {
        let key: ChannelKey
        let scheme: RouteScheme
        fileprivate(set) var sinks: [WireSink]
        fileprivate var byKey: [RouteKey: WireSink]

        /// The wire subscription of that key. Where no other fits, one over all builder dexes takes what names any
        /// dex (PROTOCOL 3.0: what such a message shows there is not known).
        func sink(of key: RouteKey) -> WireSink? {
            byKey[key] ?? sinks.only { $0.traits.routeKey.last == "ALL_DEXS" }
        }
    }

    private var channels: [Channel] = []

    /// The channel's wire subscriptions; a link has a handful of channels, so they are tried in turn.
    @inline(__always) func channel(_ key: ChannelKey) -> Channel? {
        for channel in channels where channel.key == key { return channel }
        return nil
    }

    mutating func add(_ sink: WireSink) {
        let key = ChannelKey(sink.traits.channel)
        guard let index = channels.firstIndex(where: { $0.key == key }) else {
            channels.append(
                Channel(key: key, scheme: sink.traits.route, sinks: [sink], byKey: [sink.routeKey: sink]))
            return
        }
        precondition(channels[index].byKey[sink.routeKey] == nil, "no two confusable feeds share a link")
        channels[index].sinks.append(sink)
        channels[index].byKey[sink.routeKey] = sink
    }

    mutating func remove(_ sink: WireSink) {
        guard let index = channels.firstIndex(where: { $0.byKey[sink.routeKey] === sink }) else { return }
        channels[index].sinks.removeAll { $0 === sink }
        channels[index].byKey[sink.routeKey] = nil
        if channels[index].sinks.isEmpty { channels.remove(at: index) }
    }
}

extension Array {
    /// The one element that fulfils the condition, if exactly one does.
    fileprivate func only(where condition: (Element) -> Bool) -> Element? {
        let matching = filter(condition)
        return matching.count == 1 ? matching[0] : nil
    }
}
