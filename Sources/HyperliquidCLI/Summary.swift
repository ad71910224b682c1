internal import Hyperliquid

/// What a watch has seen, at its end.
enum Summary {
    static func json(
        _ subscriptions: [SubscriptionInfo], _ metrics: [SubscriptionMetrics], _ info: ConnectionInfo
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("kind", "summary")
        writer.key("subscriptions")
        writer.beginArray()
        for (subscription, metrics) in zip(subscriptions, metrics) { write(subscription, metrics, to: &writer) }
        writer.endArray()
        writer.key("lanes")
        writer.beginArray()
        for lane in info.lanes { write(lane, to: &writer) }
        writer.endArray()
        writer.key("limits")
        writer.beginObject()
        for limit in info.limits {
            writer.key(limit.name)
            writer.beginObject()
            writer.field("used", limit.used)
            writer.field("limit", limit.limit)
            writer.endObject()
        }
        writer.endObject()
        writer.field("unrouted", info.unroutedCount)
        writer.endObject()
        return writer.bytes
    }

    private static func write(
        _ subscription: SubscriptionInfo, _ metrics: SubscriptionMetrics, to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.field("subscription", subscription.id.description)
        writer.field("feed", subscription.request)
        writer.field("class", subscription.connectionType.rawValue)
        writer.field("state", state(subscription))
        writer.field("messages", metrics.messageCount)
        writer.field("bytes", metrics.byteCount)
        writer.field(orNull: "last_message_ms", metrics.lastMessageMilliseconds)
        writer.field(orNull: "subscribed_ms", metrics.subscribedMilliseconds)
        writer.key("messages_per_minute")
        writer.value(metrics.messagesPerMinute)
        writer.field("messages_last_minute", metrics.messagesInLastMinute)
        writer.field("uptime_ms", Int64(metrics.uptime / .milliseconds(1)))
        writer.field("gaps", metrics.gapCount)
        writer.field("undecodable", metrics.undecodableCount)
        writer.endObject()
    }

    private static func state(_ subscription: SubscriptionInfo) -> String {
        switch subscription.state {
        case .live: "live"
        case .waiting(let reason): "waiting for \(reason)"
        }
    }

    private static func write(_ lane: ConnectionInfo.Lane, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("lane", Int64(lane.id))
        writer.field("kind", lane.kind.rawValue)
        writer.field("state", lane.state.rawValue)
        writer.field("endpoint", lane.endpoint)
        writer.field(orNull: "age_ms", lane.age.map { Int64($0 / .milliseconds(1)) })
        writer.field("reconnects", lane.reconnectCount)
        writer.field(orNull: "last_close", lane.lastClose)
        writer.field("feeds", array: lane.feeds)
        writer.field("why", array: lane.reasons)
        writer.endObject()
    }

    static func pretty(
        _ subscriptions: [SubscriptionInfo], _ metrics: [SubscriptionMetrics], _ info: ConnectionInfo
    ) -> String {
        var table = Table(["subscription", "feed", "state", "messages", "a minute", "gaps"])
        for (subscription, metrics) in zip(subscriptions, metrics) {
            table.add([
                subscription.id.description, subscription.request.description, state(subscription),
                "\(metrics.messageCount)", "\(Int(metrics.messagesPerMinute.rounded()))", "\(metrics.gapCount)",
            ])
        }
        var lanes = Table(["lane", "kind", "state", "reconnects", "feeds"])
        for lane in info.lanes {
            let feeds = lane.feeds.map { "\($0.type)" }.joined(separator: " ")
            lanes.add(["\(lane.id)", lane.kind.rawValue, lane.state.rawValue, "\(lane.reconnectCount)", feeds])
        }
        return "\n\(table.text)\n\n\(lanes.text)"
    }
}
