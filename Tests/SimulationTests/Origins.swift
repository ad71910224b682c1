import HyperliquidEngine
import HyperliquidWire

/// Whose messages are whose, as only the venue knows it.
struct Origins {
    private struct Place: Hashable {
        let link: LinkID
        let channel: ChannelKey
        let key: RouteKey
    }

    private struct Subscription: Hashable {
        let link: LinkID
        let request: FeedRequest
    }

    /// What a message that looks so belongs to; kept when it ends, because late messages follow.
    private var streams: [Place: Frame.Stamp] = [:]
    private var epochs: [Subscription: Int] = [:]
    private var known: [LinkID: [FeedRequest]] = [:]

    /// Takes note of what the venue made of a message about a subscription.
    mutating func note(
        _ request: FeedRequest, isThere: Bool, on link: LinkID, at now: Instant, _ journal: inout Journal
    ) {
        guard isThere else { return known[link, default: []].removeAll { $0 == request } }
        guard !has(request, on: link), let offer = Assortment.byRequest[request] else { return }
        for other in known[link] ?? [] where Assortment.byRequest[other]?.visible == offer.visible {
            journal.violate("the venue has \(request) and \(other), its double, on \(link)", at: now)
        }
        known[link, default: []].append(request)
        epochs[Subscription(link: link, request: request), default: 0] += 1
        streams[place(of: offer, on: link)] = Frame.Stamp(
            link: link, request: request, epoch: epoch(of: request, on: link), ordinal: 0)
    }

    private func place(of offer: Offer, on link: LinkID) -> Place {
        Place(link: link, channel: ChannelKey(offer.traits.channel), key: RouteKey(offer.traits.routeKey))
    }

    func epoch(of request: FeedRequest, on link: LinkID) -> Int {
        epochs[Subscription(link: link, request: request)] ?? 0
    }

    func has(_ request: FeedRequest, on link: LinkID) -> Bool { known[link]?.contains(request) == true }

    /// Marks a message with its origin as it leaves the venue.
    mutating func stamp(_ frame: Frame, on link: LinkID) -> Frame {
        guard case .data(let channel, let key, _) = frame else { return frame }
        let place = Place(link: link, channel: channel, key: key)
        guard let stamp = streams[place], has(stamp.request, on: link) else { return frame }
        streams[place]?.ordinal += 1
        return .data(channel, key, stamp)
    }
}
