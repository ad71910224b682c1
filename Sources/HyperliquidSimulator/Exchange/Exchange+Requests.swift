internal import HyperliquidWire

extension Exchange {
    /// A client's message: counted, read, answered.
    mutating func received(_ text: [UInt8], on id: ConnectionID, at now: Instant) {
        guard index(of: id) != nil else { return }
        messages.removeAll { $0.advanced(by: .seconds(60)) <= now }
        messages.append(now)
        guard messages.count <= configuration.messagesPerMinuteLimit else {
            return sendError(
                "Cannot send more than \(configuration.messagesPerMinuteLimit) messages per minute.", on: id, at: now)
        }
        switch ClientRequest(text) {
        case .ping: send("pong", on: id, at: now, resets: true)
        case .subscribe(let request): subscribe(SubscriptionEcho.normalised(request), text, on: id, at: now)
        case .unsubscribe(let request): unsubscribe(SubscriptionEcho.normalised(request), on: id, at: now)
        case .post(let post, let request): answer(post, request, on: id, at: now)
        case .unreadable: sendUnreadable(text, on: id, at: now)
        }
    }

    private mutating func subscribe(_ request: FeedRequest, _ text: [UInt8], on id: ConnectionID, at now: Instant) {
        guard let index = index(of: id) else { return }
        countSubscribe(index, at: now)
        let isExplorer = request.type == "explorerBlock" || request.type == "explorerTxs"
        guard isExplorer == (connections[index].path == .explorer) else {
            return sendUnreadable(text, on: id, at: now)
        }
        switch market.problem(with: request) {
        case .unreadable: return sendUnreadable(text, on: id, at: now)
        case .dead where configuration.deadTypeAnswer == .unreadableRequest:
            return sendUnreadable(text, on: id, at: now)
        case .dead, .invalid:
            return sendError("Invalid subscription \(SubscriptionEcho.text(request))", on: id, at: now)
        case .poison:
            let range = configuration.poisonDelay
            let spread = (range.upperBound - range.lowerBound).nanoseconds
            let delay = range.lowerBound + .nanoseconds(Int64(generator.next() % UInt64(max(spread, 1))))
            connections[index].dropAt = connections[index].dropAt ?? now.advanced(by: delay)
            return
        case nil: break
        }
        guard !connections[index].has(request) else {
            return sendError("Already subscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        if let refusal = refusal(of: request, on: id, at: now) { return sendError(refusal, on: id, at: now) }
        connections[index].subscriptions.append(request)
        if let user = request.user { lingering.removeAll { $0.user == user && $0.connection == id } }
        let due = acknowledge("subscribe", request, on: id, at: now)
        join(request, id, due: due, at: now)
    }

    /// The limit that a subscription would pass, in the venue's words (PROTOCOL L3, L4: they name nothing).
    private mutating func refusal(of request: FeedRequest, on id: ConnectionID, at now: Instant) -> String? {
        let count = connections.reduce(0) { $0 + $1.subscriptions.count }
        guard count < configuration.subscriptionLimit else {
            return "Cannot subscribe to more than \(configuration.subscriptionLimit) channels."
        }
        guard let user = request.user else { return nil }
        lingering.removeAll { $0.until <= now }
        let isCounted: (ConnectionID) -> Bool = { [configuration] in configuration.userScope == .address || $0 == id }
        var users = Set(connections.filter { isCounted($0.id) }.flatMap { $0.subscriptions.compactMap(\.user) })
        users.formUnion(lingering.filter { isCounted($0.connection) }.map(\.user))
        guard users.contains(user) || users.count < configuration.userLimit else {
            return "Cannot track more than \(configuration.userLimit) total users."
        }
        return nil
    }

    private mutating func unsubscribe(_ request: FeedRequest, on id: ConnectionID, at now: Instant) {
        guard let index = index(of: id) else { return }
        guard connections[index].has(request) else {
            return sendError("Already unsubscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        connections[index].subscriptions.removeAll { $0 == request }
        leave(request, id)
        if let user = request.user, !connections[index].subscriptions.contains(where: { $0.user == user }) {
            linger(user, id, at: now)
        }
        _ = acknowledge("unsubscribe", request, on: id, at: now)
    }

    /// Queues an acknowledgement and says when it is due.
    private mutating func acknowledge(
        _ method: String, _ request: FeedRequest, on id: ConnectionID, at now: Instant
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

    /// Acknowledgements that wait together may be turned round, each still before its own data: those come later.
    private mutating func queueAnswer(_ bytes: [UInt8], on id: ConnectionID, due: Instant) {
        guard faults.reordersAcknowledgements, let index = index(of: id), let last = connections[index].outbox.last,
            !last.resets
        else { return queue(bytes, on: id, due: due, resets: false) }
        connections[index].outbox.insert(
            .init(due: last.due, bytes: bytes, resets: false), at: connections[index].outbox.count - 1)
    }

    var answerDelay: Duration { faults.answerDelay ?? configuration.answerDelay }

    private mutating func send(_ channel: String, on id: ConnectionID, at now: Instant, resets: Bool) {
        queue(Array(#"{"channel":"\#(channel)"}"#.utf8), on: id, due: now, resets: resets)
    }

    mutating func sendError(_ text: String, on id: ConnectionID, at now: Instant) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", "error")
        writer.field("data", text)
        writer.endObject()
        queue(writer.bytes, on: id, due: now.advanced(by: answerDelay), resets: false)
    }

    private mutating func sendUnreadable(_ text: [UInt8], on id: ConnectionID, at now: Instant) {
        let quoted = String(decoding: text, as: UTF8.self)
        sendError("Error parsing JSON into valid websocket request: \(quoted)", on: id, at: now)
    }
}
