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

    /// Takes note of what the venue has on a connection.
    mutating func update(
        _ link: LinkID, _ subscriptions: [FeedRequest], at now: Instant, _ journal: inout Journal
    ) {
        let old = known[link] ?? []
        known[link] = subscriptions
        for request in subscriptions where !old.contains(request) {
            guard let offer = Assortment.byRequest[request] else {
                journal.violate("the venue has \(request), which nobody offers", at: now)
                continue
            }
            epochs[Subscription(link: link, request: request), default: 0] += 1
            streams[place(of: offer, on: link)] = Frame.Stamp(
                link: link, request: request, epoch: epoch(of: request, on: link), ordinal: 0)
        }
        let places = Set(subscriptions.compactMap { Assortment.byRequest[$0] }.map(\.visible))
        if places.count < subscriptions.count {
            journal.violate("the venue has confusable subscriptions on \(link): \(subscriptions)", at: now)
        }
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
