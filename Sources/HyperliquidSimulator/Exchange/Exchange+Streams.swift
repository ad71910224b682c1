internal import HyperliquidWire

extension Exchange {
    /// Puts what subscriptions show since they were last looked at into their connections' outboxes.
    mutating func stream(at now: Instant) {
        let time = milliseconds(at: now)
        for index in streams.indices where streams[index].due <= time {
            for message in market.messages(of: streams[index].request, cursor: &streams[index].cursor) {
                for id in streams[index].subscribers { queue(message, on: id, due: now, resets: true) }
            }
            streams[index].due = max(
                market.nextDue(of: streams[index].request, cursor: streams[index].cursor), time + 1)
        }
    }

    mutating func queue(_ bytes: [UInt8], on id: ConnectionID, due: Instant, resets: Bool, isPost: Bool = false) {
        guard let index = index(of: id) else { return }
        // In order: nothing overtakes what is waiting.
        let due = max(due, connections[index].outbox.last?.due ?? due)
        connections[index].outbox.append(.init(due: due, bytes: bytes, resets: resets, isPost: isPost))
    }

    /// Sends what is due.
    mutating func flush(at now: Instant, into effects: inout [Effect]) {
        for index in connections.indices where connections[index].outbox.first.map({ $0.due <= now }) ?? false {
            let count = connections[index].outbox.prefix { $0.due <= now }.count
            for outgoing in connections[index].outbox.prefix(count) where !connections[index].isSilent {
                effects.append(.send(connections[index].id, outgoing.bytes))
                if outgoing.resets { connections[index].lastReset = now }
            }
            connections[index].outbox.removeFirst(count)
        }
    }

    /// Starts a subscription's data: what is shown at once, then its place in the stream.
    mutating func join(_ request: FeedRequest, _ id: ConnectionID, due: Instant, at now: Instant) {
        for message in market.firstMessages(of: request) { queue(message, on: id, due: due, resets: true) }
        if let index = streams.firstIndex(where: { $0.request == request }) {
            streams[index].subscribers.append(id)
            return
        }
        let cursor = StreamCursor(atMilliseconds: milliseconds(at: now))
        streams.append(
            Stream(
                request: request, cursor: cursor, subscribers: [id],
                due: market.nextDue(of: request, cursor: cursor)))
    }
}
