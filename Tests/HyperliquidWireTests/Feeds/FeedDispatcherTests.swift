import HyperliquidWire
import Synchronization
import Testing

@Suite("Feed dispatcher") struct FeedDispatcherTests {
    /// Collects the events that a subscriber receives.
    final class Log<Event: Sendable & Equatable>: Sendable {
        private let events = Mutex<[FeedEvent<Event>]>([])
        func append(_ event: FeedEvent<Event>) { events.withLock { $0.append(event) } }
        var all: [FeedEvent<Event>] { events.withLock { $0 } }
    }

    func subscriber<Event>(_ log: Log<Event>) -> _FeedSubscriber<Event> {
        _FeedSubscriber(.callback { log.append($0) }, conflates: false, queue: _FlushQueue())
    }

    let gap = Gap(reason: .reconnected, fromMilliseconds: 1, toMilliseconds: 2)

    func rows(_ times: Int64...) -> UserRows<Funding> {
        UserRows(
            user: .example,
            rows: times.map {
                Funding(timeMilliseconds: $0, coin: "ETH", amount: .zero, positionSize: .zero, fundingRate: .zero)
            })
    }

    @Test func `a later subscriber of a marked feed receives the cached rows and those that a restore added`() {
        let dispatcher = _FeedDispatcher(feed: UserFundingsFeed(user: .example))
        _ = dispatcher.deliver(.snapshot(rows(1, 2)))
        _ = dispatcher.deliver(.update(rows(3)))
        dispatcher.announce(gap)
        _ = dispatcher.deliver(.snapshot(rows(4)))
        let log = Log<UserRows<Funding>>()
        dispatcher.attach(subscriber(log))
        #expect(log.all == [.snapshot(rows(1, 2)), .update(rows(3)), .snapshot(rows(4))])
    }

    @Test func `after a move, a first state that is older than the last one is not delivered, after a gap it is`() {
        func state(_ time: Int64) -> Decoded<BestBidOffer> {
            .update(BestBidOffer(coin: "BTC", timeMilliseconds: time, bid: nil, ask: nil))
        }
        let dispatcher = _FeedDispatcher(feed: BestBidOfferFeed(coin: "BTC"))
        let log = Log<BestBidOffer>()
        dispatcher.attach(subscriber(log))
        for time in [100, 300] as [Int64] { _ = dispatcher.deliver(state(time)) }
        dispatcher.subscribed(atMilliseconds: 0)
        for time in [200, 250, 400] as [Int64] { _ = dispatcher.deliver(state(time)) }
        dispatcher.subscribed(atMilliseconds: 0)
        dispatcher.announce(gap)
        _ = dispatcher.deliver(state(350))
        // Only the first one: the venue's clock may have been set back.
        #expect(log.all.compactMap(\.data).map(\.timeMilliseconds) == [100, 300, 250, 400, 350])
    }

    @Test func `a later subscriber receives no state from before a gap`() {
        let dispatcher = _FeedDispatcher(feed: AllMidsFeed(dex: ""))
        _ = dispatcher.deliver(.update(AllMids([])))
        dispatcher.announce(gap)
        let log = Log<AllMids>()
        dispatcher.attach(subscriber(log))
        #expect(log.all.isEmpty)
    }
}
