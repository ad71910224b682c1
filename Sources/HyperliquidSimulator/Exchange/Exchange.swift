package import HyperliquidWire

/// The simulated exchange as a state machine: connections, subscriptions, limits, and the messages of every stream.
///
/// It is a value. It sees inputs and the time it is given, keeps its seeded generator as state, and answers with
/// effects; ``HyperliquidSimulator/SimulatedExchange`` serves it on sockets. After each input the caller calls
/// ``handle(_:at:into:)`` with `woke` at ``deadline``.
package struct Exchange: Sendable {
    /// The configuration, with the limits as faults have changed them.
    package internal(set) var configuration: ExchangeConfiguration
    var market: Market
    var generator: SplitMix64
    /// Open connections, oldest first.
    var connections: [Connection] = []
    private var indices: [ConnectionID: Int] = [:]
    private var streams = StreamTable()
    private let drift: SchemaDrift
    var limits: ExchangeLimits
    var faults: ActiveFaults
    private var lastSubscription: UInt64 = 0
    private let startMilliseconds: Int64

    /// An exchange at ``HyperliquidWire/Instant/start``. The configuration is not checked; unless it names a start,
    /// the venue's time begins at 1,790,000,000,000 ms.
    package init(configuration: ExchangeConfiguration) {
        self.configuration = configuration
        startMilliseconds = configuration.startMilliseconds ?? 1_790_000_000_000
        generator = SplitMix64(seed: configuration.seed)
        drift = SchemaDrift(share: configuration.schemaDrift)
        limits = ExchangeLimits(configuration)
        faults = ActiveFaults(configuration.faults)
        market = Market(
            seed: configuration.seed, startMilliseconds: startMilliseconds,
            rates: configuration.marketRates.scaled(by: configuration.activity), size: configuration.marketSize,
            variants: Market.FormatVariants(
                showsBookHints: configuration.showsBookHints, killsDelistedCoins: configuration.killsDelistedCoins,
                wrapsOutcomeUpdates: configuration.wrapsOutcomeUpdates))
    }

    /// The venue's time, in milliseconds since 1970.
    package func milliseconds(at now: Instant) -> Int64 {
        startMilliseconds + now.nanoseconds / 1_000_000
    }

    private func instant(atMilliseconds milliseconds: Int64) -> Instant {
        Instant(nanoseconds: (milliseconds - startMilliseconds) * 1_000_000)
    }

    // MARK: Inputs

    /// Decides about a WebSocket upgrade (docs/protocol.md, "L1" and "L2"), and counts the attempt.
    ///
    /// With an id, an accepted connection counts towards the limit at once, not only when it is open.
    package mutating func admit(_ id: ConnectionID? = nil, at now: Instant) -> Admission {
        if let admission = faults.admission { return admission }
        return limits.admit(id, besides: connections.count, at: now)
            ? .accept : .refuse(status: configuration.refusalStatus)
    }

    /// Handles an input, then everything that is due at `now`, and appends what the caller must do.
    package mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        market.advance(toMilliseconds: milliseconds(at: now))
        switch input {
        case .opened(let id, let endpoint): opened(id, endpoint, at: now)
        case .text(let id, let text): received(text, on: id, at: now)
        case .closed(let id): closed(id, at: now)
        case .fault(let action): perform(action, at: now, into: &effects)
        case .published(let request, let message): publish(message, on: request, at: now)
        case .woke: break
        }
        while let action = faults.popDue(at: now) { perform(action, at: now, into: &effects) }
        publishDueStreams(at: now)
        for index in connections.indices { connections[index].flush(at: now, into: &effects) }
        endOverdueConnections(at: now, into: &effects)
    }

    /// When the caller must send `woke`; `nil` while nothing is due at any time.
    package var deadline: Instant? {
        var earliest = streams.nextDue.map(instant)
        func consider(_ candidate: Instant?) {
            guard let candidate else { return }
            earliest = min(earliest ?? candidate, candidate)
        }
        for connection in connections { consider(connection.deadline(configuration)) }
        consider(faults.nextDue)
        return earliest
    }

    // MARK: Connections

    func index(of id: ConnectionID) -> Int? { indices[id] }

    private mutating func opened(_ id: ConnectionID, _ endpoint: EndpointKind, at now: Instant) {
        limits.release(id)
        indices[id] = connections.count
        connections.append(Connection(id: id, endpoint: endpoint, at: now))
        if configuration.sendsGreeting {
            send(Array("Websocket connection established.".utf8), on: id, due: now)
        }
    }

    /// Forgets a connection and its subscriptions; its users linger.
    mutating func closed(_ id: ConnectionID, at now: Instant) {
        limits.release(id)
        guard let index = indices.removeValue(forKey: id) else { return }
        let connection = connections.remove(at: index)
        for later in connections.indices[index...] { indices[connections[later].id] = later }
        limits.unsubscribed(connection.subscriptions.count)
        for topic in connection.subscriptions.keys { streams.leave(topic, id) }
        for user in connection.users.keys.sorted() { limits.linger(user, on: id, at: now) }
    }

    private mutating func endOverdueConnections(at now: Instant, into effects: inout [Effect]) {
        for connection in connections {
            guard let end = connection.overdueEnd(configuration, at: now) else { continue }
            effects.append(end)
            closed(connection.id, at: now)
        }
    }

    /// Queues a message that does not restart the connection's idle clock: an answer, an error, a greeting.
    mutating func send(_ bytes: [UInt8], on id: ConnectionID, due: Instant) {
        guard let index = index(of: id) else { return }
        connections[index].enqueue(bytes, due: due, resetsIdleClock: false)
    }

    // MARK: Streams

    /// Queues the news of every stream that is due.
    private mutating func publishDueStreams(at now: Instant) {
        let time = milliseconds(at: now)
        for coin in market.takeTouchedCoins() { streams.wake(coin: coin, at: time) }
        while let index = streams.popDue(time) { publish(index, at: now, time) }
    }

    /// Whether a late message of a subscription that has ended would wait behind others until its time is over.
    private func isTooLate(for subscriber: StreamTable.Subscriber, at now: Instant) -> Bool {
        guard let late = subscriber.late, let index = index(of: subscriber.id) else { return false }
        return connections[index].nextSending(at: now) > instant(atMilliseconds: late.end)
    }

    /// Queues the news of one stream for its subscribers, and schedules the stream again.
    private mutating func publish(_ index: Int, at now: Instant, _ time: Int64) {
        guard let stream = streams[index] else { return }
        var cursor = stream.cursor
        for message in market.messages(of: stream.topic, cursor: &cursor) {
            let addition = drift.draw(from: &generator)
            streams.endLateMessages(index, at: time)
            let message = finished(addition?.applied(to: message) ?? message, of: stream.topic)
            for subscriber in streams[index]?.subscribers ?? [] where !isTooLate(for: subscriber, at: now) {
                if let extra = addition?.extraMessage { sendData(extra, on: subscriber.id, due: now, of: nil) }
                sendData(message, on: subscriber.id, due: now, of: subscriber.number)
            }
            streams.countLateMessage(index)
        }
        // Changed in place, which does nothing if the stream was closed after its last late message.
        streams[index]?.cursor = cursor
        streams.schedule(index, at: max(market.nextDue(of: stream.topic, cursor: cursor), time + 1))
    }

    /// Queues a message for the subscribers of a feed.
    mutating func publish(_ message: [UInt8], on request: FeedRequest, at now: Instant) {
        let topic = market.liveTopic(of: SubscriptionEcho.normalised(request))
        guard let index = topic.flatMap({ streams.index(of: $0) }) else { return }
        for subscriber in streams[index]?.subscribers ?? [] where subscriber.late == nil {
            sendData(message, on: subscriber.id, due: now, of: subscriber.number)
        }
    }

    /// Starts a subscription's data: the first messages, due with the acknowledgement, then the stream.
    mutating func join(_ topic: Topic, _ id: ConnectionID, due: Instant, at now: Instant) {
        let time = milliseconds(at: now)
        // News that the other subscribers have not had yet is sent to them first, so that the new one gets nothing
        // twice.
        if topic.addsUp, let index = streams.index(of: topic) { publish(index, at: now, time) }
        lastSubscription += 1
        let subscriber = StreamTable.Subscriber(id: id, number: SubscriptionNumber(rawValue: lastSubscription))
        for message in market.firstMessages(of: topic) {
            sendData(finished(message, of: topic), on: id, due: due, of: subscriber.number)
        }
        if let index = streams.index(of: topic) { return streams.join(index, subscriber) }
        let cursor = market.cursor(of: topic)
        let next = max(market.nextDue(of: topic, cursor: cursor), time + 1)
        streams.open(topic, cursor: cursor, subscriber: subscriber, due: next)
    }

    /// Ends a subscription's data, except for late messages if some are configured.
    mutating func leave(_ topic: Topic, _ id: ConnectionID, at now: Instant) {
        let end = milliseconds(at: now.advanced(by: configuration.lateMessageSpan))
        let late = StreamTable.Subscriber.Late(count: configuration.lateMessageCount, end: end)
        if let index = index(of: id), let number = streams.number(of: topic, on: id) {
            connections[index].held.remove(number)
            // The acknowledgement overtakes what waits, and no data follow it but the configured late ones.
            if faults.answerFaults.reordersAcknowledgements { connections[index].dropWaiting(of: number) }
        }
        streams.leave(topic, id, late: late.count > 0 ? late : nil)
    }

    private mutating func sendData(
        _ bytes: [UInt8], on id: ConnectionID, due: Instant, of number: SubscriptionNumber?
    ) {
        guard let index = index(of: id) else { return }
        connections[index].enqueue(data: bytes, due: due, origin: number, delay: faults.dataDelay)
    }

    /// A message of a stream as faults change it.
    private mutating func finished(_ message: [UInt8], of topic: Topic) -> [UInt8] {
        let message = market.time.shown(in: message)
        return faults.subscriptionFaults.takePadding(of: topic)?.applied(to: message) ?? message
    }

    // MARK: Inspection, for tests

    /// Whether the exchange would serve a request, without regard to limits.
    package func verdict(on request: FeedRequest) -> Verdict {
        let request = SubscriptionEcho.normalised(request)
        let poison = faults.subscriptionFaults.poison(of: request)
        if let poison, !poison.isAcknowledged { return .poison }
        if poison == nil, faults.subscriptionFaults.ignores(request) { return .ignored }
        do throws(SubscriptionProblem) {
            _ = try market.topic(of: request)
            return poison == nil ? .served : .poison
        } catch {
            return error == .poison ? .poison : .refused
        }
    }

    /// Whether the exchange still holds a connection.
    package func isConnected(_ id: ConnectionID) -> Bool { index(of: id) != nil }

    /// Whether a connection has the subscription.
    package func has(_ request: FeedRequest, on id: ConnectionID) -> Bool {
        guard let index = index(of: id), let topic = market.liveTopic(of: SubscriptionEcho.normalised(request)) else {
            return false
        }
        return connections[index].subscriptions[topic] != nil
    }

    /// The number of a subscription's messages that a connection has not sent yet: those that faults delay or withhold,
    /// and those that wait behind an answer.
    package func waitingMessageCount(of number: SubscriptionNumber, on id: ConnectionID) -> (held: Int, queued: Int) {
        index(of: id).map { connections[$0].waitingMessageCount(of: number) } ?? (0, 0)
    }

    /// The number of a connection's subscription, which is part of the effects that send its messages; `nil` if the
    /// connection does not have the subscription.
    package func number(of request: FeedRequest, on id: ConnectionID) -> SubscriptionNumber? {
        market.liveTopic(of: SubscriptionEcho.normalised(request)).flatMap { streams.number(of: $0, on: id) }
    }
}

/// Additions that the venue may make without notice: keys, words and channels that no client knows yet
/// (docs/protocol.md, "R30").
struct SchemaDrift: Hashable, Sendable {
    /// The share of messages with an addition, per million.
    private let perMillion: Int64

    /// - Parameter share: The share of messages with an addition, from 0 to 1.
    init(share: Double) { perMillion = Int64(min(max(share, 0), 1) * 1_000_000) }

    /// Draws the addition to one message; `nil` for none. A share of 0 takes nothing from the generator.
    func draw(from generator: inout SplitMix64) -> Addition? {
        guard perMillion > 0, generator.below(1_000_000) < perMillion else { return nil }
        return [.envelopeKey, .dataKey, .word, .channel][Int(generator.below(4))]
    }

    /// One addition.
    enum Addition: Hashable, Sendable {
        /// An unknown key beside `channel` and `data`.
        case envelopeKey
        /// An unknown key in the data.
        case dataKey
        /// An unknown word of an open set, such as an order status.
        case word
        /// A message on an unknown channel, before this one.
        case channel
    }
}

extension SchemaDrift.Addition {
    /// A message on a channel that no client has asked for; `nil` for the other additions.
    var extraMessage: [UInt8]? {
        self == .channel ? Array(#"{"channel":"futureChannel","data":{"answer":42,"list":[null,"x"]}}"#.utf8) : nil
    }

    /// The message with the addition; unchanged if the addition does not fit in anywhere.
    func applied(to message: [UInt8]) -> [UInt8] {
        switch self {
        case .channel: message
        case .envelopeKey: Self.inserting(#""futureKey":{"a":[1,null]},"#, after: "{", in: message)
        case .dataKey:
            Self.inserting(
                #""futureField":["x",{"y":-1.5}],"#, after: message.first == UInt8(ascii: "[") ? "[{" : #""data":{"#,
                in: message)
        case .word: Self.unknownWords.reduce(message) { Self.replacing($1.known, by: $1.unknown, in: $0) }
        }
    }

    /// Words of open sets, each with one that no client knows.
    private static let unknownWords: [(known: String, unknown: String)] = [
        (#""dir":"Open Long""#, #""dir":"Sideways""#), (#""orderType":"Limit""#, #""orderType":"Iceberg""#),
        (#""status":"canceled""#, #""status":"solarFlareCanceled""#), (#""tif":"Gtc""#, #""tif":"Gtd""#),
        (#""type":"deposit""#, #""type":"airdrop""#), (#"{"status":"finished""#, #"{"status":"paused""#),
    ]

    private static func inserting(_ addition: String, after prefix: String, in message: [UInt8]) -> [UInt8] {
        guard let index = index(of: prefix, in: message) else { return message }
        let split = index + prefix.utf8.count
        return message[..<split] + Array(addition.utf8) + message[split...]
    }

    private static func replacing(_ known: String, by unknown: String, in message: [UInt8]) -> [UInt8] {
        guard let index = index(of: known, in: message) else { return message }
        return message[..<index] + Array(unknown.utf8) + message[(index + known.utf8.count)...]
    }

    private static func index(of text: String, in message: [UInt8]) -> Int? {
        let pattern = Array(text.utf8)
        guard message.count >= pattern.count else { return nil }
        return (0...message.count - pattern.count).first { message[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }
}
