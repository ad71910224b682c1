internal import Hyperliquid
internal import HyperliquidEngine

/// Finds the upstream subscription of a message among 535, by its envelope, channel and key.
func route() -> Operation {
    let coins = (0..<178).map { Coin("COIN\($0)") }
    let feeds: [any Feed] =
        [AllMidsFeed()]
        + coins.flatMap { coin -> [any Feed] in
            [L2BookFeed(coin: coin), BestBidOfferFeed(coin: coin), TradesFeed(coin: coin)]
        }
    let queue = _FlushQueue()
    var routes = MessageRouter()
    for (index, feed) in feeds.enumerated() {
        let id = UpstreamID(UInt64(index + 1))
        routes.add(
            UpstreamDispatcher(id: id, request: feed.request, traits: feed.traits, queue: queue, atMilliseconds: 0))
    }
    let messages = coins.flatMap { [Message.l2Book($0.name), Message.bbo($0.name), Message.trades($0.name)] }
    let bytes = messages.map { Array($0.utf8) }
    return { count in
        var found: UInt64 = 0
        var position = 0
        for _ in 0..<count {
            let message = bytes[position]
            withReader(message.span) { reader in
                let envelope = reader._readEnvelope()
                let channel = routes.channel(envelope.channel)?.takeUnretainedValue()
                guard let channel else { fatalError("no channel") }
                if channel.dispatcher(of: &reader) != nil { found &+= 1 }
            }
            position = position + 1 == bytes.count ? 0 : position + 1
        }
        return found
    }
}

/// Appends the events of one read to the buffer of a sequence, and takes them out again.
func buffer() -> Operation {
    let event = BestBidOffer(coin: "BTC", timeMilliseconds: 1, bid: nil, ask: nil)
    let batch = _TypedBatch(Array(repeating: FeedEvent.update(event), count: 8))
    let buffer = EventBuffer(policy: .buffered(limit: 1000))
    return { count in
        var batches: [any _EventBatch] = []
        return (0..<count).reduce(0) { sum, _ in
            batches.removeAll(keepingCapacity: true)
            guard buffer.enqueue(batch, conflatedCount: 0, atMilliseconds: 0),
                case .batches = buffer.dequeue(into: &batches, atMilliseconds: 0)
            else { fatalError("the buffer is full") }
            return sum &+ UInt64(batches[0].count)
        }
    }
}

/// Adds and removes a subscription of a new identity, beside 1000 others.
func subscribing() -> Operation {
    var registry = SubscriptionRegistry()
    func subscribe(_ id: UInt64, _ feed: BestBidOfferFeed, _ request: FeedRequest, _ traits: FeedTraits) {
        _ = registry.subscribe(
            SubscriptionID(id), request, traits, waitsForLimits: true, deadline: nil, at: .start)
    }
    for number in 1...1000 {
        let feed = BestBidOfferFeed(coin: Coin("COIN\(number)"))
        subscribe(UInt64(number), feed, feed.request, feed.traits)
    }
    let feed = BestBidOfferFeed(coin: "BTC")
    let (request, traits) = (feed.request, feed.traits)
    return { count in
        (0..<count).reduce(0) { sum, number in
            let id = UInt64(1001 + number)
            subscribe(id, feed, request, traits)
            guard let upstream = registry.unsubscribe(SubscriptionID(id)) else { fatalError("no subscription") }
            registry.remove(upstream)
            return sum &+ upstream.rawValue
        }
    }
}
