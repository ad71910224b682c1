internal import HyperliquidWire

extension Exchange {
    /// A client's connection as the exchange sees it: its subscriptions, and the messages that wait to be sent.
    struct Connection: Sendable {
        /// A message that waits to be sent.
        private struct Outgoing: Sendable {
            let due: Instant
            let bytes: [UInt8]
            /// Whether sending it restarts the connection's idle clock.
            let resetsIdleClock: Bool
            var origin: SubscriptionNumber?
        }

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
        /// When the connection is dropped, because of a poisonous subscription or a fault.
        var dropAt: Instant?
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

        /// Queues a message. It is never sent before those already queued, even if they are due later.
        mutating func enqueue(
            _ bytes: [UInt8], due: Instant, resetsIdleClock: Bool, origin: SubscriptionNumber? = nil
        ) {
            let due = max(due, outbox.last?.due ?? due)
            outbox.append(Outgoing(due: due, bytes: bytes, resetsIdleClock: resetsIdleClock, origin: origin))
        }

        /// Queues an acknowledgement before all acknowledgements and data that are due at the same time or later.
        mutating func enqueueInReverse(_ acknowledgement: [UInt8], due: Instant) {
            guard let index = outbox.firstIndex(where: { $0.due >= due }) else {
                return enqueue(acknowledgement, due: due, resetsIdleClock: false)
            }
            let due = outbox[index].due
            outbox.insert(Outgoing(due: due, bytes: acknowledgement, resetsIdleClock: false), at: index)
        }

        mutating func enqueue(postAnswer bytes: [UInt8], due: Instant) {
            let index = postAnswers.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
            postAnswers.insert(Outgoing(due: due, bytes: bytes, resetsIdleClock: false), at: index)
        }

        /// Sends the messages that are due. A silent connection loses them.
        mutating func flush(at now: Instant, into effects: inout [Effect]) {
            guard let due = nextMessageDue, due <= now else { return }
            let messages = outbox.prefix { $0.due <= now }
            let duePostAnswers = postAnswers.prefix { $0.due <= now }
            for outgoing in messages + duePostAnswers where !isSilent {
                effects.append(.send(id, outgoing.bytes, of: outgoing.origin))
                if outgoing.resetsIdleClock { idleSince = now }
            }
            outbox.removeFirst(messages.count)
            postAnswers.removeFirst(duePostAnswers.count)
        }

        // MARK: Deadlines

        private var nextMessageDue: Instant? {
            Self.earlier(outbox.first?.due, postAnswers.first?.due)
        }

        /// When the connection has something to do next; `nil` if never.
        func deadline(_ configuration: ExchangeConfiguration) -> Instant? {
            let due = Self.earlier(nextMessageDue, dropAt)
            guard !isSilent else { return due }
            let inactive = idleSince.advanced(by: configuration.inactivityLimit)
            return Self.earlier(Self.earlier(due, inactive), configuration.rotation.map(openedAt.advanced))
        }

        private static func earlier(_ first: Instant?, _ second: Instant?) -> Instant? {
            guard let first, let second else { return first ?? second }
            return min(first, second)
        }

        /// The effect that ends the connection now; `nil` if its time has not come.
        func overdueEnd(_ configuration: ExchangeConfiguration, at now: Instant) -> Effect? {
            if let dropAt, dropAt <= now { return .drop(id) }
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
