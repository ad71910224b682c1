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
    private var events: [FeedRequest: [[UInt8]]] = [:]
    /// The number of messages in `events` at the start of each present subscription.
    private var firstEvents: [Subscription: Int] = [:]

    /// Records the venue's state after a subscribe or unsubscribe.
    ///
    /// - Parameter number: The venue's number of the subscription, `nil` if the venue has none.
    mutating func note(
        _ request: FeedRequest, _ number: SubscriptionNumber?, on connection: ConnectionID, _ exchange: Exchange,
        at now: Instant, _ journal: inout Journal
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
            firstEvents[subscription] = madeCount(of: request, before: number, exchange)
        }
        nextOrigins[number] = firstOrigin(of: request, on: connection)
    }

    /// The number of messages that the venue has made for an identity before a subscription, which has just begun. Some
    /// of them may not be sent on any connection yet; all that wait for the new one were made since.
    private func madeCount(of request: FeedRequest, before new: SubscriptionNumber, _ exchange: Exchange) -> Int {
        let others = current.filter { $0.key.request == request && $0.value != new }.values
        let made = others.reduce(events[request]?.count ?? 0) { count, number in
            max(count, (nextOrigins[number]?.event ?? 0) + exchange.waitingCount(of: number))
        }
        return made - exchange.waitingCount(of: new)
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
        if let event = origin.event, !origin.isLate {
            // A connection that is behind the others is sent the same messages. Some were sent to nobody, because the
            // connections for which they were made have died.
            if record(text, as: event, of: origin.request) != text {
                journal.violate("\(origin) differs from the message on other connections", at: now)
            }
            nextOrigins[number]?.event = event + 1
        }
        return .data(channel, key, text, origin)
    }

    /// Records an event unless another connection has brought it. Returns its text.
    private mutating func record(_ text: [UInt8], as event: Int, of request: FeedRequest) -> [UInt8] {
        while events[request, default: []].count <= event { events[request, default: []].append([]) }
        if events[request]?[event].isEmpty == true { events[request]?[event] = text }
        return events[request]?[event] ?? []
    }

    /// Returns the origin of an arrived message. A late message gets the number of the equal message that a present
    /// subscription was sent, `nil` if there is none.
    func numbered(_ origin: VenueMessage.Origin?, _ text: [UInt8]) -> VenueMessage.Origin? {
        guard var late = origin, late.isLate, let next = late.event, let sent = events[late.request] else {
            return origin
        }
        late.event = sent[min(next, sent.count)...].firstIndex(of: text)
        return late
    }
}
