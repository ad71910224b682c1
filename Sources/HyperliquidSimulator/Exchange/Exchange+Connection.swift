internal import HyperliquidWire

extension Exchange {
    /// A client's connection as the exchange sees it: its subscriptions, and the messages that wait to be sent.
    struct Connection: Sendable {
        let id: ConnectionID
        let endpoint: EndpointKind
        private let openedAt: Instant
        /// When data or a pong were last sent. Acknowledgements do not count (docs/protocol.md, "Liveness").
        private var idleSince: Instant
        /// The subscriptions by topic, each with its user if it has one.
        private(set) var subscriptions: [Topic: String?] = [:]
        /// The number of subscriptions of each user.
        private(set) var users: [String: Int] = [:]
        /// Messages in the order in which they are sent.
        private var outbox: [Outgoing] = []
        /// Answers to posts by the time at which they are ready: they may overtake one another.
        private var postAnswers: [Outgoing] = []
        /// Data that faults delay or withhold.
        var held = HeldMessages()
        /// Whether pings are not answered.
        var withholdsPongs = false
        /// When and how the connection is ended, because of a poisonous subscription or a fault.
        private var plannedEnd: (time: Instant, end: FaultAction.ConnectionEnd)?
        /// Whether the exchange sends nothing more on it, not even a Close frame.
        var isSilent = false

        init(id: ConnectionID, endpoint: EndpointKind, at now: Instant) {
            self.id = id
            self.endpoint = endpoint
            openedAt = now
            idleSince = now
        }

        // MARK: Subscriptions

        mutating func add(_ topic: Topic, user: String?) {
            subscriptions[topic] = .some(user)
            if let user { users[user, default: 0] += 1 }
        }

        /// Removes a subscription. Returns its user if that was the user's last one here.
        mutating func remove(_ topic: Topic) -> String? {
            guard let user = subscriptions.removeValue(forKey: topic) ?? nil else { return nil }
            let left = (users[user] ?? 1) - 1
            users[user] = left > 0 ? left : nil
            return left > 0 ? nil : user
        }

        // MARK: Sending

        var waitingPostCount: Int { postAnswers.count }

        func waitingMessageCount(of origin: SubscriptionNumber) -> (held: Int, queued: Int) {
            (held.count(of: origin), outbox.count { $0.origin == origin })
        }

        /// Queues a message. It is never sent before those already queued, even if they are due later.
        mutating func enqueue(
            _ bytes: [UInt8], due: Instant, resetsIdleClock: Bool, origin: SubscriptionNumber? = nil
        ) {
            let due = max(due, outbox.last?.due ?? due)
            outbox.append(Outgoing(due: due, bytes: bytes, resetsIdleClock: resetsIdleClock, origin: origin))
        }

        /// Drops the messages of a subscription that wait to be sent.
        mutating func dropWaiting(of number: SubscriptionNumber) { outbox.removeAll { $0.origin == number } }

        /// When a message that is queued now would be sent, behind those that wait.
        func nextSending(at now: Instant) -> Instant {
            held.isStopped ? Instant(nanoseconds: .max) : max(now, outbox.last?.due ?? now, held.lastDue ?? now)
        }

        /// Queues a data message; behind those that are held, if there are some.
        mutating func enqueue(data bytes: [UInt8], due: Instant, origin: SubscriptionNumber?, delay: Duration) {
            guard held.isStopped || !held.isEmpty || delay > .zero else {
                return enqueue(bytes, due: due, resetsIdleClock: true, origin: origin)
            }
            held.append(Outgoing(due: due.advanced(by: delay), bytes: bytes, resetsIdleClock: true, origin: origin))
        }

        /// Queues an acknowledgement.
        ///
        /// - Parameters:
        ///   - inReverse: Whether it goes before all acknowledgements and data that are due at the same time or later.
        ///   - isGlued: Whether the message that follows is sent in the same text.
        mutating func enqueue(acknowledgement bytes: [UInt8], due: Instant, inReverse: Bool, isGlued: Bool) {
            let position = inReverse ? outbox.firstIndex { $0.due >= due } : nil
            let due = position.map { outbox[$0].due } ?? max(due, outbox.last?.due ?? due)
            outbox.insert(
                Outgoing(due: due, bytes: bytes, resetsIdleClock: false, isGlued: isGlued),
                at: position ?? outbox.endIndex)
        }

        mutating func enqueue(postAnswer bytes: [UInt8], due: Instant) {
            let index = postAnswers.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
            postAnswers.insert(Outgoing(due: due, bytes: bytes, resetsIdleClock: false), at: index)
        }

        /// Sends the messages that are due. A silent connection loses them.
        mutating func flush(at now: Instant, into effects: inout [Effect]) {
            guard let due = nextMessageDue, due <= now else { return }
            while let message = held.popDue(at: now) {
                enqueue(message.bytes, due: message.due, resetsIdleClock: true, origin: message.origin)
            }
            let messages = outbox.prefix { $0.due <= now }
            let duePostAnswers = postAnswers.prefix { $0.due <= now }
            if !isSilent { send(messages + duePostAnswers, at: now, into: &effects) }
            outbox.removeFirst(messages.count)
            postAnswers.removeFirst(duePostAnswers.count)
        }

        private mutating func send(_ messages: some Collection<Outgoing>, at now: Instant, into effects: inout [Effect])
        {
            var glued: [UInt8] = []
            for (position, outgoing) in messages.enumerated() {
                if outgoing.resetsIdleClock { idleSince = now }
                let isLast = position == messages.count - 1
                if outgoing.isGlued, !isLast {
                    glued += outgoing.bytes
                } else if glued.isEmpty {
                    effects.append(.send(id, outgoing.bytes, of: outgoing.origin))
                } else {
                    effects.append(.send(id, glued + outgoing.bytes, of: outgoing.origin))
                    glued = []
                }
            }
        }

        // MARK: Deadlines

        private var nextMessageDue: Instant? {
            Self.earlier(Self.earlier(outbox.first?.due, postAnswers.first?.due), held.nextDue)
        }

        /// When the connection has something to do next; `nil` if never.
        func deadline(_ configuration: ExchangeConfiguration) -> Instant? {
            let due = Self.earlier(nextMessageDue, plannedEnd?.time)
            guard !isSilent else { return due }
            let inactive = idleSince.advanced(by: configuration.inactivityLimit)
            return Self.earlier(Self.earlier(due, inactive), configuration.rotation.map(openedAt.advanced))
        }

        private static func earlier(_ first: Instant?, _ second: Instant?) -> Instant? {
            guard let first, let second else { return first ?? second }
            return min(first, second)
        }

        /// Ends the connection at a time, unless its end is set already.
        mutating func endLater(_ end: FaultAction.ConnectionEnd, at time: Instant) {
            plannedEnd = plannedEnd ?? (time, end)
        }

        /// Drops the connection at a time, even if another end is set.
        mutating func drop(at time: Instant) { plannedEnd = (time, .drop) }

        /// The effect that ends the connection now; `nil` if its time has not come.
        func overdueEnd(_ configuration: ExchangeConfiguration, at now: Instant) -> Effect? {
            if let plannedEnd, plannedEnd.time <= now { return Effect(plannedEnd.end, of: id) }
            if isSilent { return nil }
            if idleSince.advanced(by: configuration.inactivityLimit) <= now {
                return .close(id, code: 1000, reason: "Inactive")
            }
            if let rotation = configuration.rotation, openedAt.advanced(by: rotation) <= now {
                return .close(id, code: 1000, reason: "Expired")
            }
            return nil
        }
    }
}
