internal import Hyperliquid

/// The summary at the end of a watch: subscriptions, connections and limits.
enum WatchSummary {
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
        writer.key("connections")
        writer.beginArray()
        for connection in info.connections { write(connection, to: &writer) }
        writer.endArray()
        writer.key("limits")
        writer.beginObject()
        for limit in info.limits { write(limit, to: &writer) }
        writer.endObject()
        writer.field("unrouted", info.unroutedCount)
        writer.key("failures")
        writer.beginArray()
        for failure in info.lastFailures { write(failure, to: &writer) }
        writer.endArray()
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

    fileprivate static func state(_ subscription: SubscriptionInfo) -> String {
        switch subscription.state {
        case .live: "live"
        case .silent: "silent"
        case .waiting(let reason, _): "waiting for \(reason)"
        }
    }

    private static func write(_ connection: ConnectionInfo.Connection, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("connection", Int64(connection.id))
        writer.field("kind", connection.kind.rawValue)
        writer.field("state", connection.state.rawValue)
        writer.field("endpoint", connection.endpoint)
        writer.field(orNull: "age_ms", connection.age.map { Int64($0 / .milliseconds(1)) })
        writer.field("reconnects", connection.reconnectCount)
        writer.field(orNull: "last_close", connection.lastClose)
        writer.field("feeds", array: connection.feeds)
        writer.field("moving", array: connection.movingFeeds)
        writer.field("why", array: connection.reasons)
        writer.key("limits")
        writer.beginObject()
        for limit in connection.limits { write(limit, to: &writer) }
        writer.endObject()
        writer.endObject()
    }

    private static func write(_ failure: ConnectionFailure, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("endpoint", failure.address)
        writer.field("code", failure.code.description)
        writer.field("message", failure.message)
        writer.field(orNull: "http_status", failure.httpStatus)
        writer.field("at_ms", failure.timeMilliseconds)
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

    /// One row of the table for people: a subscription, or those of a pattern together.
    struct Row {
        fileprivate let cells: [String]

        init(_ feed: String, _ parts: [(info: SubscriptionInfo, metrics: SubscriptionMetrics)]) {
            let liveCount = parts.count { $0.info.state == .live }
            let sums = [
                parts.reduce(0) { $0 + $1.metrics.messageCount },
                parts.reduce(0) { $0 + Int($1.metrics.messagesPerMinute.rounded()) },
                parts.reduce(0) { $0 + $1.metrics.gapCount },
            ]
            cells =
                [
                    parts.count == 1 ? parts[0].info.id.description : "", feed,
                    parts.count == 1 ? WatchSummary.state(parts[0].info) : "\(liveCount) of \(parts.count) live",
                ] + sums.map { "\($0)" }
        }
    }

    static func pretty(_ rows: [Row], _ info: ConnectionInfo) -> String {
        var table = Table(["subscription", "feed", "state", "messages", "per minute", "gaps"])
        for row in rows { table.add(row.cells) }
        var connections = Table(["connection", "kind", "state", "reconnects", "feeds"])
        for connection in info.connections {
            connections.add([
                "\(connection.id)", connection.kind.rawValue, connection.state.rawValue, "\(connection.reconnectCount)",
                types(connection.feeds),
            ])
        }
        let failures = info.lastFailures.map { "\n\nno connection to \($0.address): \($0.message)" }.joined()
        return "\n\(table.text)\n\n\(connections.text)\(failures)"
    }

    /// The types of feeds, in order, each with its number if there are several: `bbo, 14 trades`.
    private static func types(_ feeds: [FeedRequest]) -> String {
        var counts: [(type: String, count: Int)] = []
        for feed in feeds {
            if let index = counts.firstIndex(where: { $0.type == feed.type }) {
                counts[index].count += 1
            } else {
                counts.append((feed.type, 1))
            }
        }
        return counts.map { $0.count == 1 ? $0.type : "\($0.count) \($0.type)" }.joined(separator: ", ")
    }
}
