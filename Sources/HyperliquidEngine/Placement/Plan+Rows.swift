internal import HyperliquidWire

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
