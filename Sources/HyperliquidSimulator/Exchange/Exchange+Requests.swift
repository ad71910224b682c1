internal import HyperliquidWire

extension Exchange {
    /// A client's message: counted, read, answered.
    mutating func received(_ text: [UInt8], on id: ExchangeConnectionID, at now: Instant) {
        guard index(of: id) != nil else { return }
        messages.append(now)
        guard messages.count(at: now) <= configuration.messagesPerMinuteLimit else {
            return sendError(
                "Cannot send more than \(configuration.messagesPerMinuteLimit) messages per minute.", on: id, at: now)
        }
        switch ClientRequest(text) {
        case .ping: send("pong", on: id, at: now, resets: true)
        case .subscribe(let request): subscribe(SubscriptionEcho.normalised(request), text, on: id, at: now)
        case .unsubscribe(let request): unsubscribe(SubscriptionEcho.normalised(request), text, on: id, at: now)
        case .post(let post, let request): answer(post, request, on: id, at: now)
        case .unreadable: sendUnreadable(text, on: id, at: now)
        }
    }

    private mutating func subscribe(
        _ request: FeedRequest, _ text: [UInt8], on id: ExchangeConnectionID, at now: Instant
    ) {
        guard let index = index(of: id) else { return }
        countSubscribe(index, at: now)
        let isExplorer = request.type == "explorerBlock" || request.type == "explorerTxs"
        guard isExplorer == (connections[index].path == .explorer) else {
            return sendUnreadable(text, on: id, at: now)
        }
        do throws(SubscriptionProblem) {
            let topic = try market.topic(of: request)
            accept(request, topic, on: id, at: now)
        } catch {
            refuse(request, text, error, on: id, at: now)
        }
    }

    private mutating func accept(_ request: FeedRequest, _ topic: Topic, on id: ExchangeConnectionID, at now: Instant) {
        guard let index = index(of: id) else { return }
        guard connections[index].subscriptions[topic] == nil else {
            return sendError("Already subscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        if let refusal = refusal(of: request, on: id, at: now) { return sendError(refusal, on: id, at: now) }
        connections[index].add(topic, user: request.user)
        subscriptionCount += 1
        if let user = request.user { lingering.removeAll { $0.user == user && $0.connection == id } }
        let due = acknowledge("subscribe", request, on: id, at: now)
        join(topic, id, due: due, at: now)
    }

    private mutating func refuse(
        _ request: FeedRequest, _ text: [UInt8], _ problem: SubscriptionProblem, on id: ExchangeConnectionID,
        at now: Instant
    ) {
        switch problem {
        case .unreadable: sendUnreadable(text, on: id, at: now)
        case .dead where configuration.deadTypeAnswer == .unreadableRequest: sendUnreadable(text, on: id, at: now)
        case .dead, .invalid:
            sendError("Invalid subscription \(SubscriptionEcho.text(request))", on: id, at: now)
        case .poison:
            guard let index = index(of: id) else { return }
            let delay = draw(from: configuration.poisonDelay)
            connections[index].dropAt = connections[index].dropAt ?? now.advanced(by: delay)
        }
    }

    /// A duration by chance.
    mutating func draw(from range: ClosedRange<Duration>) -> Duration {
        .nanoseconds(generator.within(range.lowerBound.nanoseconds...range.upperBound.nanoseconds))
    }

    /// The limit that a subscription would pass, in the venue's words (docs/protocol.md, "L3" and "L4": they name
    /// nothing).
    private mutating func refusal(of request: FeedRequest, on id: ExchangeConnectionID, at now: Instant) -> String? {
        guard subscriptionCount < configuration.subscriptionLimit else {
            return "Cannot subscribe to more than \(configuration.subscriptionLimit) channels."
        }
        guard let user = request.user else { return nil }
        lingering.removeAll { $0.until <= now }
        let isCounted: (ExchangeConnectionID) -> Bool = { [configuration] in
            configuration.userScope == .address || $0 == id
        }
        var users = Set(lingering.filter { isCounted($0.connection) }.map(\.user))
        for connection in connections where isCounted(connection.id) { users.formUnion(connection.users.keys) }
        guard users.contains(user) || users.count < configuration.userLimit else {
            return "Cannot track more than \(configuration.userLimit) total users."
        }
        return nil
    }

    private mutating func unsubscribe(
        _ request: FeedRequest, _ text: [UInt8], on id: ExchangeConnectionID, at now: Instant
    ) {
        let topic: Topic
        do throws(SubscriptionProblem) {
            topic = try market.topic(of: request)
        } catch {
            guard error != .unreadable else { return sendUnreadable(text, on: id, at: now) }
            return sendError("Already unsubscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        guard let index = index(of: id), connections[index].subscriptions[topic] != nil else {
            return sendError("Already unsubscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        subscriptionCount -= 1
        let user = connections[index].remove(topic)
        let end = milliseconds(at: now.advanced(by: configuration.lateMessageSpan))
        let late = StreamTable.Subscriber.Late(count: configuration.lateMessageCount, end: end)
        leave(topic, id, late: late.count > 0 ? late : nil)
        if let user { linger(user, id, at: now) }
        _ = acknowledge("unsubscribe", request, on: id, at: now)
    }

    /// Queues an acknowledgement and says when it is due.
    private mutating func acknowledge(
        _ method: String, _ request: FeedRequest, on id: ExchangeConnectionID, at now: Instant
    ) -> Instant {
        let due = now.advanced(by: answerDelay)
        let isExplorer = request.type == "explorerBlock" || request.type == "explorerTxs"
        if isExplorer, !configuration.acknowledgesExplorer { return due }
        if faults.droppedAcknowledgements > 0 {
            faults.droppedAcknowledgements -= 1
            return due
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", "subscriptionResponse")
        writer.key("data")
        writer.beginObject()
        writer.field("method", method)
        writer.key("subscription")
        SubscriptionEcho.write(request, to: &writer)
        writer.endObject()
        writer.endObject()
        queueAnswer(writer.bytes, on: id, due: due)
        return due
    }

    /// Acknowledgements that wait together may be turned round; data of theirs stand behind all of them.
    private mutating func queueAnswer(_ bytes: [UInt8], on id: ExchangeConnectionID, due: Instant) {
        guard faults.reordersAcknowledgements, let index = index(of: id),
            let place = connections[index].outbox.firstIndex(where: { $0.due >= due })
        else { return queue(bytes, on: id, due: due, resets: false) }
        let due = connections[index].outbox[place].due
        connections[index].outbox.insert(.init(due: due, bytes: bytes, resets: false), at: place)
    }

    var answerDelay: Duration { faults.answerDelay ?? configuration.answerDelay }

    private mutating func send(_ channel: String, on id: ExchangeConnectionID, at now: Instant, resets: Bool) {
        queue(Array(#"{"channel":"\#(channel)"}"#.utf8), on: id, due: now, resets: resets)
    }

    mutating func sendError(_ text: String, on id: ExchangeConnectionID, at now: Instant) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", "error")
        writer.field("data", text)
        writer.endObject()
        queue(writer.bytes, on: id, due: now.advanced(by: answerDelay), resets: false)
    }

    private mutating func sendUnreadable(_ text: [UInt8], on id: ExchangeConnectionID, at now: Instant) {
        let quoted = String(decoding: text, as: UTF8.self)
        sendError("Error parsing JSON into valid websocket request: \(quoted)", on: id, at: now)
    }
}
