internal import HyperliquidWire

extension Exchange {
    /// Puts what subscriptions show since they were last looked at into their connections' outboxes.
    mutating func stream(at now: Instant) {
        let time = milliseconds(at: now)
        for coin in market.floor.touched { streams.wake(coin: coin, at: time) }
        market.floor.touched.removeAll(keepingCapacity: true)
        while let place = streams.popDue(time) { pump(place, at: now, time) }
    }

    /// Sends what one stream has, and looks when it may have more.
    private mutating func pump(_ place: Int, at now: Instant, _ time: Int64) {
        guard let stream = streams[place] else { return }
        var cursor = stream.cursor
        for message in market.messages(of: stream.topic, cursor: &cursor) {
            let strange = strangeness.draw(from: &generator)
            for subscriber in stream.subscribers {
                if let extra = strange?.extraMessage { queue(extra, on: subscriber.id, due: now, resets: true) }
                queue(strange?.applied(to: message) ?? message, on: subscriber.id, due: now, resets: true)
            }
            countLateMessage(place)
        }
        // Mutated where it stands; it may have been closed by the last late message.
        streams[place]?.cursor = cursor
        streams.schedule(place, at: max(market.nextDue(of: stream.topic, cursor: cursor), time + 1))
    }

    private mutating func countLateMessage(_ place: Int) {
        guard let subscribers = streams[place]?.subscribers, subscribers.contains(where: { $0.late != nil }) else {
            return
        }
        let left = subscribers.compactMap { subscriber -> StreamTable.Subscriber? in
            guard let late = subscriber.late else { return subscriber }
            return late > 1 ? StreamTable.Subscriber(id: subscriber.id, late: late - 1) : nil
        }
        streams[place]?.subscribers = left
        if left.isEmpty { streams.close(place) }
    }

    /// Starts a subscription's data: what is shown at once, then its place in the stream.
    mutating func join(_ topic: Topic, _ id: ConnectionID, due: Instant, at now: Instant) {
        let time = milliseconds(at: now)
        // What others have not been shown yet goes out first, so that nothing reaches the new one twice.
        if topic.addsUp, let place = streams.place(of: topic) { pump(place, at: now, time) }
        for message in market.firstMessages(of: topic) { queue(message, on: id, due: due, resets: true) }
        if let place = streams.place(of: topic) {
            streams[place]?.subscribers.removeAll { $0.id == id }
            streams[place]?.subscribers.append(StreamTable.Subscriber(id: id))
            return
        }
        let cursor = market.cursor(of: topic)
        streams.open(
            topic, cursor: cursor, subscriber: id, due: max(market.nextDue(of: topic, cursor: cursor), time + 1))
    }

    /// Ends a subscription's data; a few messages may come late all the same.
    mutating func leave(_ topic: Topic, _ id: ConnectionID, late: Int = 0) {
        guard let place = streams.place(of: topic), let subscribers = streams[place]?.subscribers else { return }
        let left = subscribers.compactMap { subscriber -> StreamTable.Subscriber? in
            guard subscriber.id == id else { return subscriber }
            return late > 0 ? StreamTable.Subscriber(id: id, late: late) : nil
        }
        streams[place]?.subscribers = left
        if left.isEmpty { streams.close(place) }
    }

    // MARK: Sending

    mutating func queue(_ bytes: [UInt8], on id: ConnectionID, due: Instant, resets: Bool) {
        guard let index = index(of: id) else { return }
        // In order: nothing overtakes what is waiting.
        let due = max(due, connections[index].outbox.last?.due ?? due)
        connections[index].outbox.append(.init(due: due, bytes: bytes, resets: resets))
    }

    /// Sends what is due.
    mutating func flush(at now: Instant, into effects: inout [Effect]) {
        for index in connections.indices where connections[index].nextDue.map({ $0 <= now }) ?? false {
            let ready = connections[index].outbox.prefix { $0.due <= now }
            let answers = connections[index].posts.prefix { $0.due <= now }
            for outgoing in ready + answers where !connections[index].isSilent {
                effects.append(.send(connections[index].id, outgoing.bytes))
                if outgoing.resets { connections[index].lastReset = now }
            }
            connections[index].outbox.removeFirst(ready.count)
            connections[index].posts.removeFirst(answers.count)
        }
    }
}
