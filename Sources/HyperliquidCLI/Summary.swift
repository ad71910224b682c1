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
        writer.key("slots")
        writer.beginArray()
        for slot in info.connections { write(slot, to: &writer) }
        writer.endArray()
        writer.key("limits")
        writer.beginObject()
        for limit in info.limits { write(limit, to: &writer) }
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
        if case .waiting(_, let sinceMilliseconds) = subscription.state {
            writer.field("waiting_since_ms", sinceMilliseconds)
        }
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
        case .waiting(let reason, _): "waiting for \(reason)"
        }
    }

    private static func write(_ slot: ConnectionInfo.Connection, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("slot", Int64(slot.id))
        writer.field("kind", slot.kind.rawValue)
        writer.field("state", slot.state.rawValue)
        writer.field("endpoint", slot.endpoint)
        writer.field(orNull: "age_ms", slot.age.map { Int64($0 / .milliseconds(1)) })
        writer.field("reconnects", slot.reconnectCount)
        writer.field(orNull: "last_close", slot.lastClose)
        writer.field("feeds", array: slot.feeds)
        writer.field("moving", array: slot.movingFeeds)
        writer.field("why", array: slot.reasons)
        writer.key("budget")
        writer.beginObject()
        for limit in slot.budget { write(limit, to: &writer) }
        writer.endObject()
        writer.endObject()
    }

    private static func write(_ limit: ConnectionInfo.Limit, to writer: inout JSONWriter) {
        writer.key(limit.name)
        writer.beginObject()
        writer.field("used", limit.used)
        writer.field("limit", limit.limit)
        if let evidence = limit.evidence {
            writer.key("evidence")
            writer.beginObject()
            writer.field("scope", evidence.scope.rawValue)
            writer.field("configured", evidence.configured)
            writer.field(orNull: "documented", evidence.documented)
            writer.field("accepted", evidence.acceptedCount)
            if let refusal = evidence.refusal {
                writer.key("refused")
                writer.beginObject()
                writer.field("accepted", refusal.acceptedCount)
                writer.field(orNull: "stated", refusal.statedCount)
                writer.field("retry_ms", refusal.retryMilliseconds)
                writer.endObject()
            }
            writer.endObject()
        }
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
        var slots = Table(["slot", "kind", "state", "reconnects", "feeds"])
        for slot in info.connections {
            let feeds = slot.feeds.map { "\($0.type)" }.joined(separator: " ")
            slots.add(["\(slot.id)", slot.kind.rawValue, slot.state.rawValue, "\(slot.reconnectCount)", feeds])
        }
        return "\n\(table.text)\n\n\(slots.text)"
    }
}
