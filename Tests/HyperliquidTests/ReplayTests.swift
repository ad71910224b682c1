import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing
import WebSocketTransport

/// Which rows of a first message come as a snapshot, whatever the local clock says.
@Suite("Replays over a connection", .overLoopback, .timeLimit(.minutes(30))) struct ReplayTests {
    /// Trades with these times, whose ids are their positions.
    static func trades(_ times: [Int64], coin: String = "BTC") -> String {
        let rows = times.enumerated().map { number, time in
            Messages.trade(number, coin: coin, time: time).dropFirst(#"{"channel":"trades","data":["#.utf8.count)
                .dropLast(2)
        }
        return #"{"channel":"trades","data":[\#(rows.joined(separator: ","))]}"#
    }

    static func blocks(_ times: [Int64]) -> String {
        let rows = times.enumerated().map { number, time in
            #"{"blockTime":\#(time),"hash":"0x\#(String(repeating: "0", count: 64))","height":\#(number),"#
                + #""numTxs":1,"proposer":"0x\#(String(repeating: "5", count: 40))"}"#
        }
        return "[\(rows.joined(separator: ","))]"
    }

    static func transactions(_ times: [Int64]) -> String {
        let rows = times.enumerated().map { number, time in
            let digits = String(number + 100_000, radix: 10)
            return #"{"action":{"type":"noop"},"block":7,"error":null,"hash":"0x\#(String(repeating: "0", count: 58))"#
                + #"\#(digits)","time":\#(time),"user":"0x\#(String(repeating: "1", count: 40))"}"#
        }
        return "[\(rows.joined(separator: ","))]"
    }

    /// The numbers of rows in the snapshot and in the update that a first message becomes.
    func counts<F: Feed, Row>(
        _ feed: F, _ message: @Sendable ([Int64]) -> String, times: [Int64]
    ) async throws -> (past: Int, present: Int) where F.Event == [Row] {
        try await withScript { client, venue in
            let reader = try await Reader(feed, through: .callback, on: client)
            let text = message(times)
            try await venue.send(text)
            var counts = (past: 0, present: 0)
            while counts.past + counts.present < times.count {
                switch try await reader.event() {
                case .snapshot(let rows): counts.past += rows.count
                case .update(let rows): counts.present += rows.count
                case .gap, .undecodable: throw Unexpected()
                }
            }
            return counts
        }
    }

    /// By how much the venue's clock is ahead of the local one, in seconds.
    static let skews = [-90, -3, 3, 90]

    @Test(arguments: skews) func `twenty trades of five seconds are repeated, but for the newest block`(_ skew: Int)
        async throws
    {
        let now = SystemClock.wallMilliseconds + Int64(skew) * 1_000
        let times = (0..<20).map { now - 5_000 + 250 * $0 }
        let trades = try await counts(TradesFeed(coin: "BTC"), { Self.trades($0) }, times: times)
        #expect(trades == (19, 1))
        let blocks = try await counts(ExplorerBlockFeed(), Self.blocks, times: times)
        #expect(blocks == (19, 1))
        let transactions = try await counts(ExplorerTransactionsFeed(), Self.transactions, times: times)
        #expect(transactions == (19, 1))
    }

    @Test(arguments: skews) func `trades of ten minutes ago are repeated, and a first trade of now is live`(_ skew: Int)
        async throws
    {
        let now = SystemClock.wallMilliseconds + Int64(skew) * 1_000
        let old = try await counts(TradesFeed(coin: "BTC"), { Self.trades($0) }, times: [now - 900_000, now - 600_000])
        #expect(old == (2, 0))
        let live = try await counts(TradesFeed(coin: "BTC"), { Self.trades($0) }, times: [now, now])
        #expect(live == (0, 2))
    }

    // MARK: Without a socket

    /// An owner whose clocks a test sets.
    final class Owner: MessageReceiverOwner {
        var now = Instant.start
        var wallMilliseconds: Int64 = 0
        var venueClock: VenueClock
        func submit(_ input: Engine.Input) {}
        func countUnrouted() {}
        func decodingFailed(_ dispatcher: UpstreamDispatcher) {}
        func postAnswered(_ response: PostResponse, on connection: ConnectionID) {}

        init() { venueClock = VenueClock(localMilliseconds: 0, at: .start) }
    }

    func subscribe<F: Feed>(_ feed: F, _ id: UInt64, to receiver: MessageReceiver<Owner>, _ owner: Owner)
        -> (UpstreamDispatcher, Inbox<FeedEvent<F.Event>>)
    {
        let dispatcher = UpstreamDispatcher(
            id: UpstreamID(id), request: feed.request, traits: feed.traits, queue: _FlushQueue(), atMilliseconds: 0)
        let events = join(feed, dispatcher)
        dispatcher.attach(receiver.id)
        dispatcher.subscribed(atMilliseconds: owner.wallMilliseconds, at: owner.now)
        receiver.add(dispatcher)
        return (dispatcher, events)
    }

    func join<F: Feed>(_ feed: F, _ dispatcher: UpstreamDispatcher) -> Inbox<FeedEvent<F.Event>> {
        let events = Inbox<FeedEvent<F.Event>>()
        dispatcher.feedDispatcher(for: feed).attach(
            _FeedSubscriber(.callback { events.put($0) }, conflates: false, queue: _FlushQueue()))
        return events
    }

    func receive(_ text: String, by receiver: MessageReceiver<Owner>) {
        receiver.receive(ContiguousArray(text.utf8).span)
    }

    @Test func `the messages of one feed show the venue's time to all others, and jumps of our clock do not matter`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: ConnectionID(1), owner: owner)
        // The venue's clock is a year ahead of ours.
        let venue: Int64 = 31_536_000_000
        func tell(_ milliseconds: Int64) { owner.now = Instant(nanoseconds: milliseconds * 1_000_000) }
        let (_, trades) = subscribe(TradesFeed(coin: "ETH"), 1, to: receiver, owner)
        for millisecond in [100, 5_000, 9_000] as [Int64] {
            tell(millisecond)
            receive(Self.trades([venue + millisecond - 30], coin: "ETH"), by: receiver)
            owner.wallMilliseconds = millisecond.isMultiple(of: 1_000) ? -7_200_000 : 7_200_000
        }
        #expect(trades.takeAll().count == 3)
        tell(10_000)
        let (_, thin) = subscribe(TradesFeed(coin: "BTC"), 2, to: receiver, owner)
        let (_, quiet) = subscribe(TradesFeed(coin: "SOL"), 3, to: receiver, owner)
        owner.wallMilliseconds = 999_000_000
        tell(10_080)
        receive(Self.trades([venue + 1_000, venue + 9_900]), by: receiver)
        guard case .snapshot(let rows)? = thin.takeAll().first else {
            Issue.record("both are from before the subscribe")
            return
        }
        #expect(rows.count == 2)
        tell(60_000)
        receive(Self.trades([venue + 59_900, venue + 59_970], coin: "SOL"), by: receiver)
        guard case .update(let live)? = quiet.takeAll().first else {
            Issue.record("both are from after the subscribe")
            return
        }
        #expect(live.count == 2)
    }

    @Test func `the first message of a feed shows nothing of the venue's time`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: ConnectionID(1), owner: owner)
        _ = subscribe(TradesFeed(coin: "ETH"), 1, to: receiver, owner)
        _ = subscribe(BestBidOfferFeed(coin: "ETH"), 2, to: receiver, owner)
        let nothing = owner.venueClock
        receive(Self.trades([7_000], coin: "ETH"), by: receiver)
        receive(Messages.bbo(1, coin: "ETH", time: 7_000), by: receiver)
        receive(Self.trades([8_000], coin: "ETH"), by: receiver)
        #expect(owner.venueClock == nothing)
        owner.now = Instant(nanoseconds: 1)
        receive(Messages.trade(5, coin: "ETH", time: 8_500), by: receiver)
        #expect(owner.venueClock != nothing)
    }

    @Test func `an unmarked message of a feed that marks its snapshots is live`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: ConnectionID(1), owner: owner)
        let feed = UserFundingsFeed(user: .example)
        let (_, events) = subscribe(feed, 1, to: receiver, owner)
        receive(
            #"{"channel":"userFundings","data":{"user":"\#(Address.example)","fundings":[{"time":-900000,"coin":"ETH","#
                + #""usdc":"-0.42","szi":"2.0","fundingRate":"0.1","nSamples":null}]}}"#, by: receiver)
        guard case .update? = events.takeAll().first else {
            Issue.record("the venue did not mark it")
            return
        }
    }

    @Test func `a feed type that joins after the first message gets live rows only`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: ConnectionID(1), owner: owner)
        let feed = TradesFeed(coin: "BTC")
        // By our clock, all of the trades are from before the subscribe.
        owner.wallMilliseconds = 1_000_000
        let (dispatcher, _) = subscribe(RawFeed(feed.request), 1, to: receiver, owner)
        receive(Self.trades([1_000, 2_000]), by: receiver)
        let typed = join(feed, dispatcher)
        receive(Self.trades([3_000, 3_100]), by: receiver)
        guard case .update(let rows)? = typed.takeAll().first else {
            Issue.record("the replay has passed")
            return
        }
        #expect(rows.count == 2)
    }
}
