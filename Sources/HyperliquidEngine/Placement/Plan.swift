package import HyperliquidWire

/// The assignment of feeds to slots with its reasons, the feeds that do not fit, the use of the limits, and the time
/// until everything is live.
package struct Plan: Hashable, Sendable {
    /// One slot with its feeds.
    package struct ConnectionSlot: Hashable, Sendable {
        package let id: SlotID
        package let endpoint: EndpointKind
        /// The connection type of all its feeds: `shared`, `dedicated` or `userGrouped`; `mixed` if they differ.
        package let kind: String
        /// The feeds on the slot, oldest first.
        package let feeds: [Feed]
        /// The reasons why the slot is needed; empty if it needs no explanation.
        package let why: [String]
    }

    /// A feed that has a slot.
    package struct Feed: Hashable, Sendable {
        package let request: FeedRequest
        /// The reason why the feed is kept apart from an older slot; `nil` if it is not kept apart.
        package let why: String?
    }

    /// A feed that has no slot.
    package struct Unplaced: Hashable, Sendable {
        package let request: FeedRequest
        /// The name of the limit that excludes the feed, as in `limits`.
        package let limit: String
        package let why: String
        /// A remedy, such as a limit to raise.
        package let help: String
    }

    /// The use of one limit.
    package struct Limit: Hashable, Sendable {
        /// The limit's name in configurations and on the command line.
        package let name: String
        /// The number in use; for a limit per minute or per second, the largest number in any such span.
        package let used: Int
        package let limit: Int
    }

    /// A feed that has changed its slot since the previous plan.
    package struct Move: Hashable, Sendable {
        package let request: FeedRequest
        package let from: SlotID
        package let to: SlotID
        package let why: String
    }

    package let slots: [ConnectionSlot]
    package let unplaced: [Unplaced]
    package let limits: [Limit]
    /// The time until the last feed that has a slot is live, if the venue answers every request immediately.
    package let liveAfter: Duration
    /// The feeds that have changed their slot since the previous plan.
    package let moves: [Move]
}

extension Plan {
    /// Writes the plan as one JSON object.
    ///
    /// - Parameters:
    ///   - withMoves: Whether to include the moves.
    ///   - feed: Returns the JSON of a request, so that each feed can be shown in the form in which it was given.
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
    /// The reasons for the slot, then those of its feeds, each with the feed's name.
    package var sentences: [String] {
        why + feeds.compactMap { feed in feed.why.map { "\(feed.request.words): \($0)" } }
    }
}

extension Plan {
    /// The rows of a table with one row per feed: slot, endpoint, kind, name and reason.
    package var feedRows: [[String]] {
        var rows: [[String]] = []
        for slot in slots {
            // If no feed has a reason of its own, the slot's reasons fill the feeds' rows, which keeps the table short.
            let isFree = slot.feeds.allSatisfy { $0.why == nil }
            let beside = isFree ? Array(slot.why.prefix(slot.feeds.count)) : []
            let below = slot.why.dropFirst(beside.count).map { ["", $0] }
            let feeds = slot.feeds.enumerated().map { index, feed in
                [feed.request.words, feed.why ?? (index < beside.count ? beside[index] : "")]
            }
            for (index, cells) in (feeds + below).enumerated() {
                let head = index == 0 ? ["\(slot.id.rawValue)", slot.endpoint.rawValue, slot.kind] : ["", "", ""]
                rows.append(head + cells)
            }
        }
        for item in unplaced {
            rows.append(["-", "", "", item.request.words, "\(item.limit): \(item.why); \(item.help)"])
        }
        return rows
    }

    /// The rows of a table with one row per limit: name, number in use, number allowed.
    package var limitRows: [[String]] {
        limits.map { [$0.name, "\($0.used)", "\($0.limit)"] }
    }

    /// The rows of a table with one row per move: feed, old slot, new slot, reason.
    package var moveRows: [[String]] {
        moves.map { [$0.request.words, "\($0.from.rawValue)", "\($0.to.rawValue)", $0.why] }
    }
}
