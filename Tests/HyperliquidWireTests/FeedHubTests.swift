import HyperliquidWire
import Synchronization
import Testing

@Suite("Feed hub") struct FeedHubTests {
    /// Keeps what a subscriber receives.
    final class Log<Event: Sendable & Equatable>: Sendable {
        private let events = Mutex<[FeedEvent<Event>]>([])
        func append(_ event: FeedEvent<Event>) { events.withLock { $0.append(event) } }
        var all: [FeedEvent<Event>] { events.withLock { $0 } }
    }

    func outlet<Event>(_ log: Log<Event>) -> FeedOutlet<Event> {
        FeedOutlet(.callback { log.append($0) }, conflates: false, queue: FlushQueue())
    }

    let gap = Gap(reason: .reconnected, fromMilliseconds: 1, toMilliseconds: 2)

    func rows(_ times: Int64...) -> UserRows<Funding> {
        UserRows(
            user: .example,
            rows: times.map {
                Funding(time: $0, coin: "ETH", amount: .zero, positionSize: .zero, fundingRate: .zero)
            })
    }

    @Test func `a later subscriber of a marked feed gets the old rows and those that a restore added`() {
        let hub = FeedHub(feed: UserFundingsFeed(user: .example))
        _ = hub.deliver(.snapshot(rows(1, 2)))
        _ = hub.deliver(.update(rows(3)))
        hub.announce(gap)
        _ = hub.deliver(.snapshot(rows(4)))
        let log = Log<UserRows<Funding>>()
        hub.attach(outlet(log))
        #expect(log.all == [.snapshot(rows(1, 2)), .update(rows(3)), .snapshot(rows(4))])
    }

    @Test func `a later subscriber gets no state from before a gap`() {
        let hub = FeedHub(feed: AllMidsFeed(dex: ""))
        _ = hub.deliver(.update(AllMids([])))
        hub.announce(gap)
        let log = Log<AllMids>()
        hub.attach(outlet(log))
        #expect(log.all.isEmpty)
    }
}
