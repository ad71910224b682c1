import HyperliquidWire
import Synchronization
import Testing

/// What a subscriber is given that joins a live feed.
@Suite("Late subscribers") struct LateJoinTests {
    final class Log<Event: Sendable>: Sendable {
        private let events = Mutex<[FeedEvent<Event>]>([])
        func append(_ event: FeedEvent<Event>) { events.withLock { $0.append(event) } }
        var all: [FeedEvent<Event>] { events.withLock { $0 } }
    }

    @discardableResult func join<F: Feed>(_ dispatcher: _FeedDispatcher<F>) -> Log<F.Event> {
        let log = Log<F.Event>()
        dispatcher.attach(_FeedSubscriber(.callback { log.append($0) }, conflates: false, queue: _FlushQueue()))
        return log
    }

    // MARK: The catalogue

    enum Rule {
        /// The last event, as a snapshot.
        case state
        /// The events so far.
        case rows
        case nothing
    }

    static let rules: [String: Rule] = [
        "allMids": .state, "l2Book": .state, "bbo": .state, "candle": .state, "activeAssetCtx": .state,
        "assetCtxs": .state, "spotAssetCtxs": .state, "allDexsAssetCtxs": .state, "fastAssetCtxs": .state,
        "twapStates": .state, "openOrders": .state, "clearinghouseState": .state, "allDexsClearinghouseState": .state,
        "spotState": .state, "activeAssetData": .state, "webData3": .state,
        "userFills": .rows, "userFundings": .rows, "userNonFundingLedgerUpdates": .rows, "userHistoricalOrders": .rows,
        "userTwapSliceFills": .rows, "userTwapHistory": .rows,
        "trades": .nothing, "explorerBlock": .nothing, "explorerTxs": .nothing, "outcomeMetaUpdates": .nothing,
        "notification": .nothing, "orderUpdates": .nothing, "userEvents": .nothing,
    ]

    @Test func `the table has every feed of the catalogue`() {
        #expect(Set(FeedCatalogue.feeds.map { $0.descriptor.type }) == Set(Self.rules.keys))
    }

    @Test(arguments: Fixtures.all) func `a later subscriber is given what its feed's rule says`(_ fixture: Fixture)
        throws
    {
        let request = try MessageReader.read(Array(fixture.name.utf8)) { (reader) throws(DecodingFault) in
            try FeedRequest(from: &reader)
        }
        let rule = try #require(Self.rules[request.type])
        let type = try #require(FeedCatalogue.feed(ofType: request.type))
        try check(type, request, fixture, rule)
    }

    private func check<F: CatalogueFeed>(
        _ type: F.Type, _ request: FeedRequest, _ fixture: Fixture, _ rule: Rule
    ) throws {
        let parameters = request.fields.map { ($0.name, $0.value) }
        let feed = try F(parameters: FeedParameters(type: request.type, known: F.descriptor.parameters, parameters))
        let dispatcher = _FeedDispatcher(feed: feed)
        dispatcher.subscribed(atMilliseconds: 0)
        let first = join(dispatcher)
        for text in fixture.preceding + [fixture.message] {
            _ = try withReader(text) { (reader) throws(DecodingFault) in
                _ = reader._readEnvelope()
                return F._dispatch(&reader, into: dispatcher)
            }
        }
        let (seen, given) = (first.all.map(text), join(dispatcher).all.map(text))
        switch rule {
        case .state:
            #expect(given == [try #require(seen.last).replacing("update", with: "snapshot", maxReplacements: 1)])
        case .rows: #expect(given == seen && !seen.isEmpty)
        case .nothing: #expect(given == [])
        }
    }

    private func text<Event: JSONWritable>(_ event: FeedEvent<Event>) -> String {
        switch event {
        case .snapshot(let data): "snapshot \(encoded(data))"
        case .update(let data): "update \(encoded(data))"
        case .gap(let gap): "gap \(gap)"
        case .undecodable(let fault): "undecodable \(fault)"
        }
    }

    // MARK: Rows

    func rows(_ times: some Sequence<Int64>) -> UserRows<Funding> {
        UserRows(
            user: .example,
            rows: times.map {
                Funding(timeMilliseconds: $0, coin: "ETH", amount: .zero, positionSize: .zero, fundingRate: .zero)
            })
    }

    /// A dispatcher after a snapshot of two rows and `count` updates of two rows each; their times count on.
    func dispatcher(updates count: Int) -> _FeedDispatcher<UserFundingsFeed> {
        let dispatcher = _FeedDispatcher(feed: UserFundingsFeed(user: .example))
        _ = dispatcher.deliver(.snapshot(rows([1, 2])))
        for number in 0..<Int64(count) { _ = dispatcher.deliver(.update(rows([2 * number + 4, 2 * number + 3]))) }
        return dispatcher
    }

    @Test func `all rows that are held are given, and a gap stands for the others`() {
        #expect(join(dispatcher(updates: 256)).all.count == 257)
        for (count, dropped) in [(257, 128), (300, 128), (384, 128), (385, 256), (1_000, 768)] as [(Int, Int)] {
            let events = join(dispatcher(updates: count)).all
            #expect(events[0] == .snapshot(rows([1, 2])))
            #expect(
                events[1]
                    == .gap(
                        Gap(
                            reason: .lateJoin, fromMilliseconds: 3, toMilliseconds: Int64(2 * dropped + 2),
                            missedCount: dropped)))
            #expect(events[2] == .update(rows([Int64(2 * dropped + 4), Int64(2 * dropped + 3)])))
            #expect(events.count == 2 + count - dropped)
        }
    }

    @Test func `the gap of a late subscriber is told to nobody else, and counted`() {
        let dispatcher = dispatcher(updates: 300)
        let log = Log<UserRows<Funding>>()
        let subscriber = _FeedSubscriber<UserRows<Funding>>(
            .callback { log.append($0) }, conflates: false, queue: _FlushQueue())
        #expect(dispatcher.attach(subscriber) == 1)
        let count = log.all.count
        join(dispatcher)
        #expect(log.all.count == count)
        #expect(self.dispatcher(updates: 3).attach(subscriber) == 0)
    }

    @Test func `rows that could not be decoded are a gap for later subscribers too`() {
        let dispatcher = dispatcher(updates: 1)
        dispatcher.subscribed(atMilliseconds: 0)
        let message = #"{"channel":"userFundings","data":{"user":7}}"#
        _ = try? withReader(message) { (reader) throws(DecodingFault) in
            _ = reader._readEnvelope()
            return UserFundingsFeed._dispatch(&reader, into: dispatcher)
        }
        _ = dispatcher.announceFault(fromMilliseconds: 10, toMilliseconds: 20)
        _ = dispatcher.deliver(.update(rows([9])))
        let gap = Gap(reason: .undecodable, fromMilliseconds: 10, toMilliseconds: 20)
        #expect(
            join(dispatcher).all == [.snapshot(rows([1, 2])), .update(rows([4, 3])), .gap(gap), .update(rows([9]))])
    }

    @Test func `a dispatcher that missed the snapshot says so until one comes`() {
        let dispatcher = _FeedDispatcher(feed: UserFundingsFeed(user: .example))
        dispatcher.firstMessageWasMissed()
        let gap = Gap(reason: .lateJoin, fromMilliseconds: 0, toMilliseconds: 0)
        #expect(join(dispatcher).all == [.gap(gap)])
        _ = dispatcher.deliver(.update(rows([7])))
        #expect(join(dispatcher).all == [.gap(gap), .update(rows([7]))])
        dispatcher.subscribed(atMilliseconds: 0)
        _ = dispatcher.deliver(.snapshot(rows([5, 6])))
        #expect(join(dispatcher).all == [.update(rows([7])), .snapshot(rows([5, 6]))])
    }

    @Test func `rows of one message from before and after a subscribe are held both`() {
        let dispatcher = _FeedDispatcher(feed: UserFundingsFeed(user: .example))
        _ = dispatcher.deliver(.snapshotAndUpdate(PastAndPresent(past: rows([1]), present: rows([2]))))
        #expect(join(dispatcher).all == [.snapshot(rows([1])), .update(rows([2]))])
    }

    // MARK: States

    @Test func `a later subscriber is given no candle from before a gap`() {
        let feed = CandleFeed(coin: "BTC", interval: .oneMinute)
        let dispatcher = _FeedDispatcher(feed: feed)
        let candle = Candle(
            openTimeMilliseconds: 0, closeTimeMilliseconds: 59_999, coin: "BTC", interval: .oneMinute, open: .zero,
            close: .zero, high: .zero, low: .zero, volume: .zero, tradeCount: 1)
        _ = dispatcher.deliver(.update(candle))
        #expect(join(dispatcher).all == [.snapshot(candle)])
        dispatcher.announce(Gap(reason: .reconnected, fromMilliseconds: 1, toMilliseconds: 2))
        #expect(join(dispatcher).all == [])
    }

    @Test func `raw messages that are changes are no states`() {
        let raw = RawFeed(type: "fastAssetCtxs")
        #expect(raw.traits.delivery == .buffered && !raw.traits.deliversStates)
        let dispatcher = _FeedDispatcher(feed: raw)
        _ = dispatcher.deliver(.update(RawMessage(bytes: [0x31])))
        #expect(join(dispatcher).all == [])
        #expect(RawFeed(type: "candle", fields: [("coin", "BTC"), ("interval", "1m")]).traits.deliversStates)
        #expect(RawFeed(type: "bbo", fields: [("coin", "BTC")]).traits == BestBidOfferFeed(coin: "BTC").traits)
    }

    @Test func `raw messages of a feed with rows are held as they came`() {
        let dispatcher = _FeedDispatcher(
            feed: RawFeed(type: "userFundings", fields: [("user", .string(Address.example.description))]))
        let messages = (0..<300).map { RawMessage(bytes: Array("\($0)".utf8)) }
        for message in messages { _ = dispatcher.deliver(.update(message)) }
        let events = join(dispatcher).all
        #expect(
            events.first
                == .gap(Gap(reason: .lateJoin, fromMilliseconds: 0, toMilliseconds: 0, missedCount: 128)))
        #expect(events.dropFirst().compactMap(\.data) == Array(messages.dropFirst(128)))
    }
}
