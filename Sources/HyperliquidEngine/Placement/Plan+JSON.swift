package import HyperliquidWire

extension Plan {
    /// Writes the plan as one object; `feed` gives the JSON of a request, so that it can be shown as it was given.
    package func write(to writer: inout JSONWriter, withMoves: Bool, feed: (FeedRequest) -> [UInt8]) {
        writer.beginObject()
        writer.key("connections")
        writer.beginArray()
        for slot in slots { Self.write(slot, to: &writer, feed) }
        writer.endArray()
        writer.key("unplaced")
        writer.beginArray()
        for item in unplaced {
            writer.beginObject()
            writer.key("feed")
            writer.raw(feed(item.request))
            writer.field("limit", item.limit)
            writer.field("why", item.why)
            writer.field("help", item.help)
            writer.endObject()
        }
        writer.endArray()
        if withMoves { writeMoves(to: &writer, feed) }
        writer.key("limits")
        writer.beginObject()
        for limit in limits {
            writer.key(limit.name)
            writer.beginObject()
            writer.field("used", limit.used)
            writer.field("limit", limit.limit)
            writer.endObject()
        }
        writer.endObject()
        writer.field("live_after_ms", liveAfter.milliseconds)
        writer.endObject()
    }

    private static func write(_ slot: ConnectionSlot, to writer: inout JSONWriter, _ feed: (FeedRequest) -> [UInt8]) {
        writer.beginObject()
        writer.field("connection", Int64(slot.id.rawValue))
        writer.field("endpoint", slot.endpoint.rawValue)
        writer.field("kind", slot.kind)
        writer.key("feeds")
        writer.beginArray()
        for member in slot.feeds { writer.raw(feed(member.request)) }
        writer.endArray()
        writer.field("why", array: slot.sentences)
        writer.endObject()
    }

    private func writeMoves(to writer: inout JSONWriter, _ feed: (FeedRequest) -> [UInt8]) {
        writer.key("moves")
        writer.beginArray()
        for move in moves {
            writer.beginObject()
            writer.key("feed")
            writer.raw(feed(move.request))
            writer.field("from", Int64(move.from.rawValue))
            writer.field("to", Int64(move.to.rawValue))
            writer.field("why", move.why)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension Plan.ConnectionSlot {
    /// Why it is there, and why each feed is that is kept apart from another slot.
    package var sentences: [String] {
        why + feeds.compactMap { feed in feed.why.map { "\(feed.request.words): \($0)" } }
    }
}
