package import HyperliquidWire

/// The requests of clients: subscriptions, pings and posts over the socket, and `POST /info`.
extension Exchange {
    /// Counts, reads and answers a client's message.
    mutating func received(_ text: [UInt8], on id: ConnectionID, at now: Instant) {
        guard index(of: id) != nil else { return }
        if let complaint = limits.complaint(aboutMessageAt: now) { return sendError(complaint, on: id, at: now) }
        switch ClientRequest(text) {
        case .ping: sendPong(on: id, at: now)
        case .subscribe(let request): subscribe(SubscriptionEcho.normalised(request), text, on: id, at: now)
        case .unsubscribe(let request): unsubscribe(SubscriptionEcho.normalised(request), text, on: id, at: now)
        case .post(let post, let request): answer(post, request, on: id, at: now)
        case .unreadable: sendUnreadable(text, on: id, at: now)
        }
    }

    // MARK: Subscriptions

    private mutating func subscribe(_ request: FeedRequest, _ text: [UInt8], on id: ConnectionID, at now: Instant) {
        guard let index = index(of: id) else { return }
        if faults.killsAtSubscribe() { connections[index].drop(at: now) }
        // A poison that is not acknowledged acts whatever else is true of the request.
        let poison = faults.subscriptionFaults.poison(of: request)
        if let poison, !poison.isAcknowledged { return scheduleEnd(poison.end, of: id, after: now) }
        if poison == nil, faults.subscriptionFaults.ignores(request) { return }
        if let refusal = faults.answerFaults.refusal(of: request) { return sendError(refusal, on: id, at: now) }
        guard Self.isExplorer(request) == (connections[index].endpoint == .explorer) else {
            return sendUnreadable(text, on: id, at: now)
        }
        do throws(SubscriptionProblem) {
            let topic = try market.topic(of: request)
            accept(request, topic, on: id, at: now)
        } catch {
            refuse(request, text, error, on: id, at: now)
        }
    }

    private static func isExplorer(_ request: FeedRequest) -> Bool {
        request.type == "explorerBlock" || request.type == "explorerTxs"
    }

    private mutating func accept(_ request: FeedRequest, _ topic: Topic, on id: ConnectionID, at now: Instant) {
        guard let index = index(of: id) else { return }
        guard connections[index].subscriptions[topic] == nil else {
            return sendError("Already subscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        if let refusal = limits.refusal(of: request, on: id, among: connections, at: now) {
            return sendError(refusal, on: id, at: now)
        }
        connections[index].add(topic, user: request.user)
        limits.subscribed(user: request.user, on: id)
        let due = acknowledge("subscribe", request, on: id, at: now)
        join(topic, id, due: due, at: now)
        if let poison = faults.subscriptionFaults.poison(of: request) { scheduleEnd(poison.end, of: id, after: due) }
    }

    private mutating func refuse(
        _ request: FeedRequest, _ text: [UInt8], _ problem: SubscriptionProblem, on id: ConnectionID, at now: Instant
    ) {
        switch problem {
        case .unreadable: sendUnreadable(text, on: id, at: now)
        case .dead where configuration.deadTypeAnswer == .unreadableRequest: sendUnreadable(text, on: id, at: now)
        case .dead, .invalid:
            sendError("Invalid subscription \(SubscriptionEcho.text(request))", on: id, at: now)
        case .poison: scheduleEnd(.drop, of: id, after: now)
        }
    }

    private mutating func unsubscribe(_ request: FeedRequest, _ text: [UInt8], on id: ConnectionID, at now: Instant) {
        if faults.subscriptionFaults.ignores(request) { return }
        let topic: Topic
        do throws(SubscriptionProblem) {
            topic = try market.readTopic(of: request)
        } catch {
            guard error != .unreadable else { return sendUnreadable(text, on: id, at: now) }
            return sendError("Already unsubscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        guard let index = index(of: id), connections[index].subscriptions[topic] != nil else {
            return sendError("Already unsubscribed: \(SubscriptionEcho.text(request))", on: id, at: now)
        }
        limits.unsubscribed(1)
        let user = connections[index].remove(topic)
        leave(topic, id, at: now)
        if let user { limits.linger(user, on: id, at: now) }
        _ = acknowledge("unsubscribe", request, on: id, at: now)
    }

    /// Queues an acknowledgement, unless it is left out, and returns when it is due.
    private mutating func acknowledge(
        _ method: String, _ request: FeedRequest, on id: ConnectionID, at now: Instant
    ) -> Instant {
        let due = now.advanced(by: answerDelay)
        if Self.isExplorer(request), !configuration.acknowledgesExplorer { return due }
        guard let index = index(of: id), !faults.answerFaults.dropsAcknowledgement() else { return due }
        connections[index].enqueue(
            acknowledgement: MessageEnvelope.acknowledgement(
                of: method, request, changesCase: faults.answerFaults.changesEchoCase),
            due: due, inReverse: faults.answerFaults.reordersAcknowledgements,
            isGlued: faults.answerFaults.gluesAcknowledgement())
        return due
    }

    // MARK: Posts

    /// Answers a request over the socket. Each answer takes its own time, so answers may overtake one another
    /// (docs/protocol.md, "R27").
    private mutating func answer(
        _ post: Int64, _ request: ClientRequest.PostRequest, on id: ConnectionID, at now: Instant
    ) {
        let waiting = connections.reduce(0) { $0 + $1.waitingPostCount }
        guard waiting < configuration.postLimit else {
            return sendError("too many pending post requests id=\(post)", on: id, at: now)
        }
        let bytes = MessageEnvelope.postAnswer(id: post) { writeResponse(to: request, at: now, &$0) }
        guard let index = index(of: id) else { return }
        let due = now.advanced(by: faults.answerFaults.delay ?? draw(from: configuration.postDelay))
        connections[index].enqueue(postAnswer: bytes, due: due)
    }

    private mutating func writeResponse(
        to request: ClientRequest.PostRequest, at now: Instant, _ writer: inout JSONWriter
    ) {
        writer.beginObject()
        defer { writer.endObject() }
        func fail(_ refusal: RequestRefusal) {
            writer.field("type", "error")
            writer.field("payload", refusal.postText)
        }
        switch request {
        case .info(let info):
            switch answer(info, at: now) {
            case .failure(let refusal): fail(refusal)
            case .success(let answer):
                writer.field("type", "info")
                writer.key("payload")
                writer.beginObject()
                writer.field("type", info.type)
                writer.key("data")
                writer.raw(answer)
                writer.endObject()
            }
        case .action:
            guard limits.admits(.action, at: now) else { return fail(.tooHeavy) }
            // The venue recovers the signer from the signature; a wrong one gives a random address. Signatures are
            // not checked here, so the address is always random.
            let address = (0..<20).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            let text = address.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
            writer.field("type", "action")
            writer.key("payload")
            writer.raw(Self.refusedAction(address: "0x" + text))
        }
    }

    /// The answer to an information request, which counts with its weight; `nil` stands for an unreadable one.
    private mutating func answer(_ request: InfoRequest?, at now: Instant) -> Result<[UInt8], RequestRefusal> {
        let weight = RequestWeight(ofType: request?.type ?? "")
        guard limits.admits(weight, at: now) else { return .failure(.tooHeavy) }
        guard let answer = request?.answer(from: &market) else { return .failure(.unreadable) }
        limits.count(weight: weight.added(by: answer), at: now)
        return .success(market.time.shown(in: answer))
    }

    // MARK: REST

    /// The body of the answer to an action. Signatures are not checked, so every action is refused.
    private static func refusedAction(address: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("status", "err")
        writer.field("response", "User or API Wallet \(address) does not exist.")
        writer.endObject()
        return writer.bytes
    }

    /// Answers `POST /info`: 200 with JSON, 422 with a short text, or 429 if the requests weigh too much
    /// (docs/protocol.md, "Info requests").
    package mutating func answer(infoBody body: [UInt8], at now: Instant) -> (status: Int, body: [UInt8]) {
        market.advance(toMilliseconds: milliseconds(at: now))
        switch answer(InfoRequest(body), at: now) {
        case .success(let answer): return (200, answer)
        case .failure(let refusal): return refusal.restAnswer
        }
    }

    /// Answers `POST /exchange`: every action is refused, or 429 if the requests weigh too much.
    mutating func answerAction(at now: Instant) -> (status: Int, body: [UInt8]) {
        guard limits.admits(.action, at: now) else { return RequestRefusal.tooHeavy.restAnswer }
        return (200, Self.refusedAction(address: "0x" + String(repeating: "11", count: 20)))
    }

    // MARK: Sending

    private var answerDelay: Duration { faults.answerFaults.delay ?? configuration.answerDelay }

    mutating func draw(from range: ClosedRange<Duration>) -> Duration {
        .nanoseconds(generator.within(range.lowerBound.nanoseconds...range.upperBound.nanoseconds))
    }

    private mutating func sendPong(on id: ConnectionID, at now: Instant) {
        guard let index = index(of: id), !connections[index].withholdsPongs else { return }
        connections[index].enqueue(MessageEnvelope.pong, due: now, resetsIdleClock: true)
    }

    private mutating func sendError(_ text: String, on id: ConnectionID, at now: Instant) {
        send(MessageEnvelope.error(text), on: id, due: now.advanced(by: answerDelay))
    }

    private mutating func sendUnreadable(_ text: [UInt8], on id: ConnectionID, at now: Instant) {
        let quoted = String(decoding: text, as: UTF8.self)
        sendError("Error parsing JSON into valid websocket request: \(quoted)", on: id, at: now)
    }
}

/// A request that is not carried out, by its status over REST.
private enum RequestRefusal: Int, Error {
    /// The body cannot be read.
    case unreadable = 422
    /// The requests weigh too much.
    case tooHeavy = 429

    private var body: String {
        switch self {
        case .unreadable: "Failed to deserialize the JSON body into the target type"
        case .tooHeavy: "Too Many Requests"
        }
    }

    var restAnswer: (status: Int, body: [UInt8]) { (rawValue, Array(body.utf8)) }

    /// The text of a failed post: the status with its description (docs/protocol.md, "Posts").
    var postText: String { self == .unreadable ? "422 Unprocessable Entity: \(body)" : "\(rawValue) \(body)" }
}
