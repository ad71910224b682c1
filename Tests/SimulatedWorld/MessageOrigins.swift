import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Records the subscription at the venue that each message belongs to. Only the venue knows this.
struct MessageOrigins {
    private struct Subscription: Hashable {
        let connection: ConnectionID
        let request: FeedRequest
    }

    /// The origin of the next message of each subscription. An entry stays after the end of its subscription, because
    /// late messages may follow.
    private var nextOrigins: [SubscriptionNumber: VenueMessage.Origin] = [:]
    private var epochs: [Subscription: Int] = [:]
    /// The present subscriptions of each connection.
    private var requests: [ConnectionID: [FeedRequest]] = [:]
    private var current: [Subscription: SubscriptionNumber] = [:]
    /// The messages that the venue sent for each identity without replay. A message that several connections bring
    /// counts once.
    private var events: [FeedRequest: EventTexts] = [:]
    /// The number of the next message in `events` at the start of each present subscription.
    private var firstEvents: [Subscription: Int] = [:]

    /// The messages of an identity, by number.
    private struct EventTexts {
        private(set) var texts: [Int: [UInt8]] = [:]
        /// The number behind the last message.
        private(set) var count = 0

        mutating func add(_ text: [UInt8], _ number: Int) {
            if texts[number] == nil { texts[number] = text }
            count = max(count, number + 1)
        }
    }

    /// Records the venue's state after a subscribe or unsubscribe.
    ///
    /// - Parameters:
    ///   - number: The venue's number of the subscription, `nil` if the venue has none.
    ///   - waitingCount: The number of messages of a subscription on a connection that the venue has not sent yet.
    mutating func note(
        _ request: FeedRequest, _ number: SubscriptionNumber?, on connection: ConnectionID, at now: Instant,
        _ journal: inout Journal, waitingCount: (SubscriptionNumber, ConnectionID) -> Int = { _, _ in 0 }
    ) {
        current[Subscription(connection: connection, request: request)] = number
        guard let number else { return requests[connection, default: []].removeAll { $0 == request } }
        guard nextOrigins[number] == nil, let feed = TestFeeds.byRequest[request] else { return }
        for other in requests[connection] ?? [] where other != request {
            if TestFeeds.byRequest[other]?.messageKey == feed.messageKey {
                journal.violate("the venue has the ambiguous \(request) and \(other) on \(connection)", at: now)
            }
        }
        requests[connection, default: []].append(request)
        let subscription = Subscription(connection: connection, request: request)
        epochs[subscription, default: 0] += 1
        if feed.traits.snapshot == .none {
            // What waits for the new subscription was made since.
            let since = waitingCount(number, connection)
            firstEvents[subscription] = nextEvent(of: request, waitingCount) - since
        }
        nextOrigins[number] = firstOrigin(of: request, on: connection)
    }

    /// The number of the next message that the venue makes of an identity: those that wait on a connection come before.
    private func nextEvent(of request: FeedRequest, _ waitingCount: (SubscriptionNumber, ConnectionID) -> Int) -> Int {
        current.filter { $0.key.request == request }.reduce(events[request]?.count ?? 0) { count, other in
            let next = nextOrigins[other.value]?.event ?? 0
            return max(count, next + waitingCount(other.value, other.key.connection))
        }
    }

    /// The origin of the first message of the present subscription.
    func firstOrigin(of request: FeedRequest, on connection: ConnectionID) -> VenueMessage.Origin {
        let subscription = Subscription(connection: connection, request: request)
        return VenueMessage.Origin(
            connection: connection, request: request, epoch: epochs[subscription] ?? 0, ordinal: 0,
            event: firstEvents[subscription])
    }

    /// Returns the message with its origin, at the time at which the venue sends it.
    mutating func attachOrigin(
        to message: VenueMessage, of number: SubscriptionNumber?, at now: Instant, _ journal: inout Journal
    ) -> VenueMessage {
        guard case .data(let channel, let key, let text, _) = message, let number, var origin = nextOrigins[number]
        else { return message }
        origin.isLate = current[Subscription(connection: origin.connection, request: origin.request)] != number
        nextOrigins[number]?.ordinal += 1
        if let event = origin.event, !origin.isLate || isOnlyHere(event, of: origin.request) {
            // A connection that is behind the others is sent the same messages.
            events[origin.request, default: EventTexts()].add(text, event)
            if events[origin.request]?.texts[event] != text {
                journal.violate("\(origin) differs from the message on other connections", at: now)
            }
            nextOrigins[number]?.event = event + 1
        }
        return .data(channel, key, text, origin)
    }

    /// Whether a late message was sent on no other connection and will not be: it was made before all present
    /// subscriptions.
    private func isOnlyHere(_ event: Int, of request: FeedRequest) -> Bool {
        events[request]?.texts[event] == nil
            && current.keys.allSatisfy { $0.request != request || firstEvents[$0].map { event < $0 } == true }
    }

    /// Returns the origin of an arrived message. A late message gets the number of the equal message that a present
    /// subscription was sent, `nil` if there is none.
    func numbered(_ origin: VenueMessage.Origin?, _ text: [UInt8]) -> VenueMessage.Origin? {
        guard var late = origin, late.isLate, let next = late.event, let sent = events[late.request] else {
            return origin
        }
        late.event = (next..<max(next, sent.count)).first { sent.texts[$0] == text }
        return late
    }
}
