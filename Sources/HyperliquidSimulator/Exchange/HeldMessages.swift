internal import HyperliquidWire

extension Exchange.Connection {
    /// A message that waits to be sent.
    struct Outgoing: Sendable {
        var due: Instant
        let bytes: [UInt8]
        /// Whether sending it restarts the connection's idle clock.
        let resetsIdleClock: Bool
        var origin: SubscriptionNumber?
        /// Whether the next message is sent in the same text.
        var isGlued = false
    }

    /// The data messages of a connection that faults delay or withhold, in the order in which they are sent.
    struct HeldMessages: Sendable {
        private var messages: [Outgoing] = []
        /// The index of the first message that has not been taken.
        private var start = 0
        /// Whether nothing is sent until this is `false` again.
        var isStopped = false

        var isEmpty: Bool { start == messages.count }

        func count(of origin: SubscriptionNumber) -> Int { messages[start...].count { $0.origin == origin } }

        /// When the first message is due; `nil` if there is none, or if none may be sent.
        var nextDue: Instant? { isStopped || isEmpty ? nil : messages[start].due }

        /// Adds a message behind the others, which are sent first even if they are due later.
        mutating func append(_ message: Outgoing) { messages.append(message) }

        /// Takes the first message if it is due.
        mutating func popDue(at now: Instant) -> Outgoing? {
            guard let due = nextDue, due <= now else { return nil }
            start += 1
            let message = messages[start - 1]
            // The space of taken messages is given back from time to time, so that taking one costs the same always.
            if start > 1024 || isEmpty {
                messages.removeFirst(start)
                start = 0
            }
            return message
        }

        /// Makes all messages due now.
        mutating func hurry(at now: Instant) {
            for index in messages.indices[start...] { messages[index].due = min(messages[index].due, now) }
        }

        /// Forgets the messages of a subscription.
        mutating func remove(_ origin: SubscriptionNumber) {
            messages = messages[start...].filter { $0.origin != origin }
            start = 0
        }
    }
}
