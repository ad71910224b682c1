import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Whose messages are whose, as only the venue knows it.
struct MessageOrigins {
    private struct Subscription: Hashable {
        let connection: ConnectionID
        let request: FeedRequest
    }

    /// Every subscription that ever was: its messages may still come when it has ended.
    private var streams: [SubscriptionNumber: Frame.Stamp] = [:]
    private var epochs: [Subscription: Int] = [:]
    private var known: [ConnectionID: [FeedRequest]] = [:]
    private var current: [Subscription: SubscriptionNumber] = [:]
    /// What the venue sent of each identity that repeats nothing, however many connections brought it.
    private var events: [FeedRequest: [[UInt8]]] = [:]
    /// How many of them there were when what stands there began.
    private var eventStarts: [Subscription: Int] = [:]

    /// Takes note of what the venue made of a message about a subscription; it has no number when it is not there.
    mutating func note(
        _ request: FeedRequest, _ number: SubscriptionNumber?, on connection: ConnectionID, at now: Instant,
        _ journal: inout Journal
    ) {
        current[Subscription(connection: connection, request: request)] = number
        guard let number else { return known[connection, default: []].removeAll { $0 == request } }
        guard streams[number] == nil, let offer = OfferedFeeds.byRequest[request] else { return }
        for other in known[connection] ?? [] where other != request {
            if OfferedFeeds.byRequest[other]?.visible == offer.visible {
                journal.violate("the venue has \(request) and \(other), its double, on \(connection)", at: now)
            }
        }
        known[connection, default: []].append(request)
        let subscription = Subscription(connection: connection, request: request)
        epochs[subscription, default: 0] += 1
        if offer.traits.snapshot == .none { eventStarts[subscription] = events[request]?.count ?? 0 }
        streams[number] = start(of: request, on: connection)
    }

    /// The mark of the first message of what stands there.
    func start(of request: FeedRequest, on connection: ConnectionID) -> Frame.Stamp {
        let subscription = Subscription(connection: connection, request: request)
        return Frame.Stamp(
            connection: connection, request: request, epoch: epochs[subscription] ?? 0, ordinal: 0,
            event: eventStarts[subscription])
    }

    /// Marks a message with its origin as it leaves the venue.
    mutating func stamp(
        _ frame: Frame, of number: SubscriptionNumber?, at now: Instant, _ journal: inout Journal
    ) -> Frame {
        guard case .data(let channel, let key, let text, _) = frame, let number, var stamp = streams[number] else {
            return frame
        }
        stamp.isLate = current[Subscription(connection: stamp.connection, request: stamp.request)] != number
        streams[number]?.ordinal += 1
        if let event = stamp.event, !stamp.isLate {
            // Who is behind the others is sent what they were.
            if event == events[stamp.request]?.count ?? 0 { events[stamp.request, default: []].append(text) }
            if events[stamp.request]?[event] != text {
                journal.violate("\(stamp) is not what others were sent", at: now)
            }
            streams[number]?.event = event + 1
        }
        return .data(channel, key, text, stamp)
    }

    /// A late message arrived: it may be what those who are not late were sent, and has its number then.
    func numbered(_ stamp: Frame.Stamp?, _ text: [UInt8]) -> Frame.Stamp? {
        guard var late = stamp, late.isLate, let next = late.event, let sent = events[late.request] else {
            return stamp
        }
        late.event = sent[min(next, sent.count)...].firstIndex(of: text)
        return late
    }
}
