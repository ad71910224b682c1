import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Whose messages are whose, as only the venue knows it.
struct Origins {
    private struct Subscription: Hashable {
        let link: LinkID
        let request: FeedRequest
    }

    /// Every subscription that ever was: its messages may still come when it has ended.
    private var streams: [SubscriptionNumber: Frame.Stamp] = [:]
    private var epochs: [Subscription: Int] = [:]
    private var known: [LinkID: [FeedRequest]] = [:]
    private var current: [Subscription: SubscriptionNumber] = [:]

    /// Takes note of what the venue made of a message about a subscription; it has no number when it is not there.
    mutating func note(
        _ request: FeedRequest, _ number: SubscriptionNumber?, on link: LinkID, at now: Instant,
        _ journal: inout Journal
    ) {
        current[Subscription(link: link, request: request)] = number
        guard let number else { return known[link, default: []].removeAll { $0 == request } }
        guard streams[number] == nil, let offer = Assortment.byRequest[request] else { return }
        for other in known[link] ?? [] where other != request {
            if Assortment.byRequest[other]?.visible == offer.visible {
                journal.violate("the venue has \(request) and \(other), its double, on \(link)", at: now)
            }
        }
        known[link, default: []].append(request)
        epochs[Subscription(link: link, request: request), default: 0] += 1
        streams[number] = Frame.Stamp(link: link, request: request, epoch: epoch(of: request, on: link), ordinal: 0)
    }

    func epoch(of request: FeedRequest, on link: LinkID) -> Int {
        epochs[Subscription(link: link, request: request)] ?? 0
    }

    /// Marks a message with its origin as it leaves the venue.
    mutating func stamp(_ frame: Frame, of number: SubscriptionNumber?) -> Frame {
        guard case .data(let channel, let key, _) = frame, let number, var stamp = streams[number] else {
            return frame
        }
        stamp.isLate = current[Subscription(link: stamp.link, request: stamp.request)] != number
        streams[number]?.ordinal += 1
        return .data(channel, key, stamp)
    }
}
