internal import HyperliquidWire

extension Exchange {
    /// Puts what subscriptions show since they were last looked at into their connections' outboxes.
    mutating func stream(at now: Instant) {
        let time = milliseconds(at: now)
        for coin in market.floor.touched { streams.wake(coin: coin, at: time) }
        market.floor.touched.removeAll(keepingCapacity: true)
        while let place = streams.popDue(time) { _dispatch(place, at: now, time) }
    }

    /// Sends what one stream has, and looks when it may have more.
    private mutating func _dispatch(_ place: Int, at now: Instant, _ time: Int64) {
        guard let stream = streams[place] else { return }
        var cursor = stream.cursor
        for message in market.messages(of: stream.topic, cursor: &cursor) {
            let strange = strangeness.draw(from: &generator)
            endLateMessages(place, time)
            for subscriber in streams[place]?.subscribers ?? [] {
                if let extra = strange?.extraMessage { queue(extra, on: subscriber.id, due: now, resets: true) }
                queue(
                    strange?.applied(to: message) ?? message, on: subscriber.id, due: now, resets: true,
                    origin: subscriber.number)
            }
            countLateMessage(place)
        }
        // Mutated where it stands; it may have been closed by the last late message.
        streams[place]?.cursor = cursor
        streams.schedule(place, at: max(market.nextDue(of: stream.topic, cursor: cursor), time + 1))
    }

    private mutating func countLateMessage(_ place: Int) {
        changeLate(place) { late in
            late.count -= 1
            return late.count > 0
        }
    }

    private mutating func endLateMessages(_ place: Int, _ time: Int64) {
        changeLate(place) { $0.end >= time }
    }

    /// Looks at those who have left and are still sent something; who is to be kept.
    private mutating func changeLate(_ place: Int, _ isKept: (inout StreamTable.Subscriber.Late) -> Bool) {
        guard let subscribers = streams[place]?.subscribers, subscribers.contains(where: { $0.late != nil }) else {
            return
        }
        let left = subscribers.compactMap { subscriber -> StreamTable.Subscriber? in
            guard var late = subscriber.late else { return subscriber }
            let stays = isKept(&late)
            return stays ? StreamTable.Subscriber(id: subscriber.id, number: subscriber.number, late: late) : nil
        }
        streams[place]?.subscribers = left
        if left.isEmpty { streams.close(place) }
    }

    /// Starts a subscription's data: what is shown at once, then its place in the stream.
    mutating func join(_ topic: Topic, _ id: ExchangeConnectionID, due: Instant, at now: Instant) {
        let time = milliseconds(at: now)
        // What others have not been shown yet goes out first, so that nothing reaches the new one twice.
        if topic.addsUp, let place = streams.place(of: topic) { _dispatch(place, at: now, time) }
        lastSubscription += 1
        let subscriber = StreamTable.Subscriber(id: id, number: SubscriptionNumber(rawValue: lastSubscription))
        for message in market.firstMessages(of: topic) {
            queue(message, on: id, due: due, resets: true, origin: subscriber.number)
        }
        if let place = streams.place(of: topic) {
            streams[place]?.subscribers.removeAll { $0.id == id }
            streams[place]?.subscribers.append(subscriber)
            return
        }
        let cursor = market.cursor(of: topic)
        streams.open(
            topic, cursor: cursor, subscriber: subscriber, due: max(market.nextDue(of: topic, cursor: cursor), time + 1)
        )
    }

    /// Ends a subscription's data; a few messages may come late all the same.
    mutating func leave(_ topic: Topic, _ id: ExchangeConnectionID, late: StreamTable.Subscriber.Late? = nil) {
        guard let place = streams.place(of: topic), let subscribers = streams[place]?.subscribers else { return }
        let left = subscribers.compactMap { subscriber -> StreamTable.Subscriber? in
            guard subscriber.id == id else { return subscriber }
            return late.map { StreamTable.Subscriber(id: id, number: subscriber.number, late: $0) }
        }
        streams[place]?.subscribers = left
        if left.isEmpty { streams.close(place) }
    }

    // MARK: Sending

    mutating func queue(
        _ bytes: [UInt8], on id: ExchangeConnectionID, due: Instant, resets: Bool, origin: SubscriptionNumber? = nil
    ) {
        guard let index = index(of: id) else { return }
        // In order: nothing overtakes what is waiting.
        let due = max(due, connections[index].outbox.last?.due ?? due)
        connections[index].outbox.append(.init(due: due, bytes: bytes, resets: resets, origin: origin))
    }

    /// Sends what is due.
    mutating func flush(at now: Instant, into effects: inout [Effect]) {
        for index in connections.indices where connections[index].nextDue.map({ $0 <= now }) ?? false {
            let ready = connections[index].outbox.prefix { $0.due <= now }
            let answers = connections[index].posts.prefix { $0.due <= now }
            for outgoing in ready + answers where !connections[index].isSilent {
                effects.append(.send(connections[index].id, outgoing.bytes, of: outgoing.origin))
                if outgoing.resets { connections[index].lastReset = now }
            }
            connections[index].outbox.removeFirst(ready.count)
            connections[index].posts.removeFirst(answers.count)
        }
    }
}
