import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Faults by which the venue breaks its habits. Most of them last for a while.
extension World {
    func breakHabit() {
        // Most feeds that are concerned have subscribers.
        let feed = random.happens(800) ? randomSubscriber().flatMap { subscribers[$0]?.feed } : nil
        let request = feed?.request ?? random.pick(plan.feeds).request
        let target = random.pick([FaultAction.Target.all, .oldest, .newest, .at(1)])
        let span = random.milliseconds(random.pick(Self.spans))
        switch random.number(1...20) {
        case 1...3: breakHabit(.poison, .poison(request, randomPoison()), for: span, .poison(request, nil))
        case 4, 5:
            let span = random.milliseconds(3000...150_000)
            breakHabit(.ignore, .ignore(request, true), for: span, .ignore(request, false))
        case 6...8: enlargeMessages(of: request, times: random.number(1...4))
        case 9: breakHabit(.close, closing(target))
        case 10: breakHabit(.glue, .glueAcknowledgements(random.number(1...6)))
        case 11: breakHabit(.echoCase, .changeEchoCase(true), for: span, .changeEchoCase(false))
        case 12: breakHabit(.withholdData, .withholdData(target, true), for: span, .withholdData(.all, false))
        case 13: breakHabit(.withholdPongs, .withholdPongs(target, true), for: span, .withholdPongs(.all, false))
        case 14:
            let delay = random.pick([Duration.milliseconds(50), .seconds(1), .seconds(8), .seconds(40)])
            breakHabit(.delayData, .delayData(delay), for: span, .delayData(.zero))
        case 15: breakHabit(.venueClockJump, .jumpClock(.milliseconds(random.pick(Self.clockJumps))))
        case 16, 17: breakHabit(.refuseSubscribes, .refuseSubscribes(random.number(1...6), text: randomRefusal()))
        case 18: breakHabit(.sendError, .sendError(target, text: randomError()))
        default: lowerLimit(for: span)
        }
    }

    /// How long a fault lasts, in milliseconds.
    private static let spans = [500...3000, 3000...20_000, 20_000...90_000]
    /// In milliseconds.
    private static let clockJumps = [-600_000, -90_000, -5000, -1000, 1000, 5000, 90_000, 600_000]

    /// Makes a fault happen unless the plan leaves it out, and ends it after a while.
    private func breakHabit(
        _ kind: FaultKind, _ fault: FaultAction, for span: Duration = .zero, _ end: FaultAction? = nil
    ) {
        guard !plan.leftOutFaults.contains(kind) else { return }
        causeHabitFault(fault)
        if let end { timeline.schedule(.habitReturns(end), at: now.advanced(by: span)) }
    }

    func causeHabitFault(_ fault: FaultAction) {
        journal.note("fault \(fault)", at: now)
        venue.cause(fault)
    }

    /// Ends all broken habits.
    func endHabitFaults() {
        for feed in plan.feeds {
            venue.cause(.poison(feed.request, nil))
            venue.cause(.ignore(feed.request, false))
            venue.cause(.enlargeMessage(feed.request, byteCount: 0, paddingFirst: false))
        }
        let ends: [FaultAction] = [
            .glueAcknowledgements(0), .changeEchoCase(false), .withholdData(.all, false), .withholdPongs(.all, false),
            .delayData(.zero), .refuseSubscribes(0, text: nil),
        ]
        for end in ends + limits.map({ .setLimit($0.name, $0.value) }) { venue.cause(end) }
    }

    // MARK: Faults

    private func randomPoison() -> FaultAction.Poison {
        let end = random.pick([
            FaultAction.ConnectionEnd.drop, .close(code: 1011, reason: ""), .close(code: 1000, reason: "Expired"),
        ])
        return FaultAction.Poison(end: end, isAcknowledged: random.happens(400))
    }

    private func closing(_ target: FaultAction.Target) -> FaultAction {
        let code: UInt16 = random.pick([1000, 1001, 1003, 1008, 1009, 1011, 1012, 1013, 3000, 4999])
        return .close(target, code: code, reason: random.pick(["", "Expired", "going away"]))
    }

    /// Enlarges a message now, and further ones at intervals.
    private func enlargeMessages(of request: FeedRequest, times: Int) {
        let byteCount = (plan.messageSizeLimit ?? 0) + 1
        let fault = FaultAction.enlargeMessage(
            request, byteCount: byteCount, paddingFirst: random.happens(500))
        let pauses = (1..<max(2, times)).map { _ in random.milliseconds(100...10_000) }
        guard !plan.leftOutFaults.contains(.enlarge) else { return }
        causeHabitFault(fault)
        var time = now
        for pause in pauses.prefix(times - 1) {
            time = time.advanced(by: pause)
            timeline.schedule(.habitReturns(fault), at: time)
        }
    }

    /// A text that no client knows; `nil` for one that quotes the request.
    private func randomRefusal() -> String? {
        random.happens(500) ? nil : random.pick(Self.unknownTexts)
    }

    private static let unknownTexts = [
        "", "Odd", "Service unavailable {", #"{"error":"busy"}"#, "Try again later: }{", #"{"method":"subscribe"}"#,
        String(repeating: "Busy. ", count: 200),
    ]

    /// An unknown text, or one that quotes a feed of nobody: a client must believe one that quotes its own subscribe.
    private func randomError() -> String {
        var writer = JSONWriter()
        let feed = random.pick(TestFeeds.userFeeds(TestFeeds.users[TestFeeds.users.count - 1]))
        Engine.Message.subscribe(feed.request).write(to: &writer)
        let quoted = String(decoding: writer.bytes, as: UTF8.self)
        return random.pick(Self.unknownTexts + ["Unknown market: \(quoted)", "Odd \(quoted)"])
    }

    // MARK: Limits

    /// The limits that change, each with its value and with those that it takes.
    private var limits: [(name: ExchangeConfiguration.Limit, value: Int, lower: [Int])] {
        [
            (.connections, plan.exchange.connectionLimit, [1, 2, 4]),
            (.dialsPerMinute, plan.exchange.connectionsPerMinuteLimit, [3, 10]),
            (.subscriptions, plan.exchange.subscriptionLimit, [0, 3, 10]),
            (.users, plan.exchange.userLimit, [0, 1, 2]),
            (.messagesPerMinute, plan.exchange.messagesPerMinuteLimit, [20, 60]),
            (.messagesPerSecond, plan.exchange.messagesPerSecondLimit ?? .max, [2, 5]),
            (.postsInFlight, plan.exchange.postLimit, [0, 1]),
            (.requestWeightPerMinute, plan.exchange.requestWeightPerMinuteLimit, [1, 30]),
        ]
    }

    private func lowerLimit(for span: Duration) {
        let limit = random.pick(limits)
        let fault = FaultAction.setLimit(limit.name, random.pick(limit.lower))
        breakHabit(.setLimit, fault, for: span, .setLimit(limit.name, limit.value))
    }
}

// MARK: Too large messages

extension World {
    func isTooLarge(_ text: [UInt8]) -> Bool { plan.messageSizeLimit.map { text.count > $0 } == true }

    /// The client reads no further, and closes the connection, which ends when the venue has answered.
    func tooLargeMessageArrives(_ text: [UInt8], on connection: ConnectionID) {
        receivers[connection]?.receiveBytes()
        guard var path = paths[connection] else { return }
        timeline.schedule(.venueEndCloses(connection), at: path.arrivalAtVenue(at: now, &random))
        path.isCut = true
        paths[connection] = path
        let wait = random.milliseconds(0...Int(plan.engine.closeTimeout / .milliseconds(1)))
        let end = ScheduledEvent.sizeLimitCloses(connection, head: Array(text.prefix(512)))
        timeline.schedule(end, at: now.advanced(by: wait))
    }

    /// All messages of a guilty feed are too large, not only the first one.
    func enlargeAgain(_ messages: [VenueMessage]) {
        guard case .data(_, _, _, let origin?) = messages.last, let guilty = plan.guiltyFeeds[origin.request] else {
            return
        }
        timeline.schedule(.habitReturns(guilty.fault), at: now)
    }

    func sizeLimitCloses(_ connection: ConnectionID, _ head: [UInt8]) {
        guard let limit = plan.messageSizeLimit, let receiver = receivers[connection] else { return }
        let senders = receiver.senders(of: ContiguousArray(head).span)
        endConnection(connection, .messageTooLarge(limit: limit, from: senders))
    }
}

// MARK: Withheld data

extension World {
    /// The number of messages of a feed that the venue withholds from a connection and will never send if it obeys a
    /// request.
    func heldMessageCount(_ message: Engine.Message, on connection: Exchange.ConnectionID) -> Int {
        guard plan.breaksHabits, case .unsubscribe(let request) = message,
            let number = exchange.number(of: request, on: connection)
        else { return 0 }
        return exchange.waitingMessageCount(of: number, on: connection).held
    }

    /// A client cannot notice that messages are missing which the venue has withheld until the end of the subscription.
    func missHeldMessages(of request: FeedRequest) {
        for delivery in deliveries.values where delivery.checker.request == request { delivery.checker.missed() }
    }

    func noteSubscribe(
        _ request: FeedRequest, _ number: SubscriptionNumber?, on connection: Exchange.ConnectionID
    ) {
        let exchange = self.exchange
        venue.origins.note(request, number, on: ConnectionID(connection.rawValue), at: now, &venue.journal) {
            let count = exchange.waitingMessageCount(of: $0, on: Exchange.ConnectionID($1.rawValue))
            return count.held + count.queued
        }
    }
}
