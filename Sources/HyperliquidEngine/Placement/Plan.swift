package import HyperliquidWire

/// What goes on which slot and why, what does not fit, what it uses of the limits, and how long it takes.
package struct Plan: Hashable, Sendable {
    package struct ConnectionSlot: Hashable, Sendable {
        package let id: SlotID
        package let endpoint: EndpointKind
        /// `shared`, `dedicated`, `userGrouped`, or `mixed`.
        package let kind: String
        /// What it carries, oldest first, each with the reason why it is kept apart if there is one.
        package let feeds: [Feed]
        /// Why the slot is there.
        package let why: [String]
    }

    package struct Feed: Hashable, Sendable {
        package let request: FeedRequest
        package let why: String?
    }

    package struct Unplaced: Hashable, Sendable {
        package let request: FeedRequest
        /// The limit's name, as in `limits`.
        package let limit: String
        package let why: String
        /// What would help.
        package let help: String
    }

    package struct Limit: Hashable, Sendable {
        package let name: String
        package let used: Int
        package let limit: Int
    }

    /// A feed that has changed its slot.
    package struct Move: Hashable, Sendable {
        package let request: FeedRequest
        package let from: SlotID
        package let to: SlotID
        package let why: String
    }

    package let slots: [ConnectionSlot]
    package let unplaced: [Unplaced]
    package let limits: [Limit]
    /// When the last of what has a place is live, if the venue answers at once.
    package let liveAfter: Duration
    /// What has changed its slot since the plan before.
    package let moves: [Move]
}

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

extension Plan {
    /// One row a feed: its slot, endpoint, kind, name and reason.
    package var feedRows: [[String]] {
        var rows: [[String]] = []
        for slot in slots {
            // What is said of the slot stands beside its feeds where nothing is said of them.
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

    /// One row a limit: its name, what is used, what is allowed.
    package var limitRows: [[String]] {
        limits.map { [$0.name, "\($0.used)", "\($0.limit)"] }
    }

    /// One row a move: the feed, from where, to where, why.
    package var moveRows: [[String]] {
        moves.map { [$0.request.words, "\($0.from.rawValue)", "\($0.to.rawValue)", $0.why] }
    }
}
