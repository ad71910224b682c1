import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Logging
import TestPacing
import Testing

/// Messages whose key fits no subscription of their channel (docs/architecture.md, "Other spellings").
@Suite("Other spellings", .overLoopback, .timeLimit(.minutes(30))) struct SpellingTests {
    final class Owner: MessageReceiverOwner {
        var now = Instant.start
        var wallMilliseconds: Int64 = 0
        private(set) var adopted: [String] = []
        private(set) var unrouted: [String] = []
        private(set) var news: [String] = []

        func submit(_ input: Engine.Input) {}
        func countUnrouted() { unrouted.append("") }
        func countUnrouted(
            onChannel channel: String, of connection: ConnectionID, silent: FeedRequest?, isNews: Bool
        ) {
            unrouted.append(channel)
            if isNews { news.append(silent == nil ? channel : "\(channel) silent") }
        }
        func adoptedSpelling(of request: FeedRequest, on connection: ConnectionID) { adopted.append("\(request)") }
        func decodingFailed(_ dispatcher: UpstreamDispatcher) {}
        func postAnswered(_ response: PostResponse, on connection: ConnectionID) {}
    }

    /// Connections with subscriptions to trades, which note what they are given.
    final class Bench {
        let owner = Owner()
        let receivers: [MessageReceiver<Owner>]
        private let queue = _FlushQueue()
        let seen = Inbox<String>()
        private var dispatchers: [String: UpstreamDispatcher] = [:]

        init() { receivers = [1, 2].map { [owner] in MessageReceiver(id: ConnectionID($0), owner: owner) } }

        func sends<F: Feed>(_ feed: F, on index: Int = 0) { receivers[index].sending(.subscribe(feed.request)) }

        func asks<F: Feed>(for feed: F, named name: String, on index: Int = 0) {
            let dispatcher =
                dispatchers[name]
                ?? UpstreamDispatcher(
                    id: UpstreamID(UInt64(dispatchers.count + 1)), request: feed.request, traits: feed.traits,
                    queue: queue, atMilliseconds: 0)
            if dispatchers[name] == nil {
                dispatcher.feedDispatcher(for: feed).attach(
                    _FeedSubscriber(
                        .callback { [seen] event in
                            if event.data != nil { seen.put(name) }
                        }, conflates: false, queue: queue))
                dispatchers[name] = dispatcher
            }
            dispatcher.attach(receivers[index].id)
            dispatcher.subscribed(atMilliseconds: 0)
            receivers[index].add(dispatcher)
            sends(feed, on: index)
        }

        func leaves(_ name: String) {
            guard let dispatcher = dispatchers.removeValue(forKey: name) else { return }
            dispatcher.detach(receivers[0].id)
            receivers[0].remove(dispatcher)
            queue.deferRelease(dispatcher)
        }

        func receives(_ text: String, on index: Int = 0) {
            receivers[index].receive(ContiguousArray(text.utf8).span)
        }
    }

    enum Step: Sendable {
        /// Asked for, with its messages routed.
        case ask(String)
        /// Asked for, with its messages not routed, as with a suspect or a replacement.
        case send(String)
        case leave(String)
        /// Trades of this coin arrive; the one who is given them.
        case trade(String, String?)
    }

    static let cases: [(name: String, steps: [Step])] = [
        (
            "the only one that waits is given them",
            [.ask("HYPE/USDC"), .trade("@107", "HYPE/USDC"), .trade("@107", "HYPE/USDC")]
        ),
        ("its own spelling goes on", [.ask("A/B"), .trade("@1", "A/B"), .trade("A/B", "A/B"), .trade("@2", nil)]),
        (
            "beside others with messages",
            [.ask("BTC"), .ask("A/B"), .trade("BTC", "BTC"), .trade("@1", "A/B"), .trade("BTC", "BTC")]
        ),
        ("of two that wait, neither", [.ask("A/B"), .ask("C/D"), .trade("@1", nil), .trade("@1", nil)]),
        (
            "of two, once the other has its own",
            [.ask("A/B"), .ask("BTC"), .trade("@1", nil), .trade("BTC", "BTC"), .trade("@1", "A/B")]
        ),
        (
            "two spellings, one after the other",
            [.ask("A/B"), .trade("@1", "A/B"), .ask("C/D"), .trade("@2", "C/D"), .trade("@1", "A/B")]
        ),
        ("not one that has had messages", [.ask("BTC"), .trade("BTC", "BTC"), .trade("@1", nil)]),
        ("not the key of one that is not routed", [.send("@1"), .ask("A/B"), .trade("@1", nil)]),
        ("not if one that is not routed waits", [.send("C/D"), .ask("A/B"), .trade("@1", nil)]),
        (
            "not the late messages of one that left",
            [.ask("BTC"), .trade("BTC", "BTC"), .leave("BTC"), .ask("A/B"), .trade("BTC", nil), .trade("@1", "A/B")]
        ),
        ("not if one left that never had any", [.ask("C/D"), .leave("C/D"), .ask("A/B"), .trade("@1", nil)]),
        (
            "not the late messages of another spelling",
            [.ask("C/D"), .trade("@1", "C/D"), .leave("C/D"), .ask("A/B"), .trade("@1", nil)]
        ),
        (
            "the one that asks by the key gets them",
            [
                .ask("A/B"), .trade("@1", "A/B"), .ask("@1"), .trade("@1", "@1"), .trade("A/B", "A/B"),
                .trade("@1", "@1"),
            ]
        ),
        (
            "a key that was once its own stays with the one that asks by it again",
            [.ask("BTC"), .trade("BTC", "BTC"), .leave("BTC"), .ask("A/B"), .ask("BTC"), .trade("BTC", "BTC")]
        ),
        ("a message without a coin", [.ask("A/B"), .trade("", nil)]),
    ]

    @Test(arguments: cases.indices)
    func `a message with an unknown key goes to the only one that it can belong to`(_ index: Int) {
        let (name, steps) = Self.cases[index]
        let bench = Bench()
        for (number, step) in steps.enumerated() {
            switch step {
            case .ask(let coin): bench.asks(for: TradesFeed(coin: Coin(coin)), named: coin)
            case .send(let coin): bench.sends(TradesFeed(coin: Coin(coin)))
            case .leave(let coin): bench.leaves(coin)
            case .trade(let coin, let receiver):
                bench.receives(Messages.trade(number, coin: coin))
                #expect(bench.seen.takeAll() == (receiver.map { [$0] } ?? []), "\(name), step \(number)")
            }
        }
        let lost = steps.count { if case .trade(_, nil) = $0 { true } else { false } }
        #expect(bench.owner.unrouted.count == lost, "\(name)")
    }

    @Test func `a spelling is remembered on the next connection`() {
        let bench = Bench()
        bench.asks(for: TradesFeed(coin: "A/B"), named: "A/B")
        bench.receives(Messages.trade(1, coin: "@1"))
        bench.asks(for: TradesFeed(coin: "C/D"), named: "C/D", on: 1)
        bench.asks(for: TradesFeed(coin: "A/B"), named: "A/B", on: 1)
        bench.receives(Messages.trade(2, coin: "@1"), on: 1)
        #expect(bench.seen.takeAll() == ["A/B", "A/B"])
        #expect(bench.owner.adopted.count == 1)
    }

    @Test func `the other fields of a key must be equal, and users are never guessed`() {
        let bench = Bench()
        bench.asks(for: CandleFeed(coin: "A/B", interval: .oneMinute), named: "1m")
        bench.asks(for: CandleFeed(coin: "A/B", interval: .fiveMinutes), named: "5m")
        let candle =
            #"{"channel":"candle","data":{"t":60000,"T":119999,"s":"@1","i":"5m","o":"1","c":"1","h":"1","l":"1","v":"1","n":1}}"#
        bench.receives(candle.replacing("5m", with: "1h"))
        #expect(bench.seen.takeAll() == [])
        bench.receives(candle)
        #expect(bench.seen.takeAll() == ["5m"])
        bench.asks(for: UserFillsFeed(user: .example), named: "fills")
        let other = "0x" + String(repeating: "7", count: 40)
        bench.receives(#"{"channel":"userFills","data":{"user":"\#(other)","isSnapshot":true,"fills":[]}}"#)
        #expect(bench.seen.takeAll() == [])
        #expect(bench.owner.news == ["candle silent", "userFills silent"])
    }

    @Test func `messages without a subscription are news once for each channel`() {
        let bench = Bench()
        bench.asks(for: TradesFeed(coin: "A/B"), named: "A/B")
        bench.asks(for: TradesFeed(coin: "C/D"), named: "C/D")
        for number in 1...3 {
            bench.receives(Messages.trade(number, coin: "@1"))
            bench.receives(Messages.bbo(number))
            bench.receives(#"{"channel":"what","data":{}}"#)
        }
        #expect(bench.owner.news == ["trades silent", "bbo", "what"])
        #expect(bench.owner.unrouted.count == 9)
        for number in 0..<1000 { bench.receives(#"{"channel":"c\#(number)","data":{}}"#) }
        #expect(bench.owner.news.count == 1 + 64)
    }

    // MARK: Over a connection

    @Test func `trades under the venue's own spelling are delivered, and it is logged`() async throws {
        let log = LogInbox()
        try await withScript(configuration: log.configuration) { client, venue in
            let feed = TradesFeed(coin: "HYPE/USDC")
            let reader = try await Reader(feed, through: .callback, on: client)
            try await venue.send(Messages.trade(1, coin: "@107"), Messages.trade(2, coin: "@107"))
            #expect(try await reader.data().map(\.number) == [1])
            #expect(try await reader.data().map(\.number) == [2])
            #expect(try await client.metrics(of: reader.id).messageCount == 2)
            #expect(await client.connectionInfo().unroutedCount == 0)
            let line = try await log.lines.first {
                $0.message == "Venue spells the coin of a feed otherwise" ? $0 : nil
            }
            #expect(line.metadata["feed"] == "\(feed.request)")
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(feed), on: 1)
            try await venue.send(Messages.trade(3, coin: "@107"), to: 1)
            #expect(try await reader.gap().reason == .reconnected)
            #expect(try await reader.data().map(\.number) == [3])
        }
    }

    @Test func `channels of messages without a subscription are shown, counted and logged`() async throws {
        let (log, recorder) = (LogInbox(), MetricsRecorder.shared)
        try await withScript(configuration: log.configuration) { client, venue in
            let readers = [
                try await Reader(TradesFeed(coin: "A/B"), through: .callback, on: client),
                try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client),
            ]
            let long = String(repeating: "x", count: 300)
            try await venue.send(Messages.trade(1, coin: "@1"), Messages.trade(2, coin: "@1"))
            for number in 0..<20 { try await venue.send(#"{"channel":"\#(long.dropLast(number * 14))","data":1}"#) }
            try await venue.send(Messages.trade(3))
            _ = try await readers[1].data()
            let info = await client.connectionInfo()
            #expect(info.unroutedCount == 22)
            #expect(info.unroutedChannels.first == .init(channel: "trades", messageCount: 2))
            #expect(info.unroutedChannels.dropFirst().first?.channel == String(repeating: "x", count: 31))
            #expect(info.unroutedChannels.reduce(0) { $0 + $1.messageCount } == 22)
            let line = try await log.lines.first { $0.metadata["channel"] == "trades" ? $0 : nil }
            #expect(line.level == .warning)
            #expect(line.metadata["silent"] == #"{"type":"trades","coin":"A/B"}"#)
            for number in 0..<40 { try await venue.send(#"{"channel":"c\#(number)","data":1}"#) }
            try await venue.send(Messages.trade(4))
            _ = try await readers[1].data()
            let channels = await client.connectionInfo().unroutedChannels
            #expect(channels.count == 17)
            #expect(channels.last == .init(channel: "others", messageCount: 26))
            await client.shutDown()
            let network = client.network.description
            #expect(recorder.value("hyperliquid.messages_unrouted", network, ("channel", "trades")) == 2)
            #expect(recorder.value("hyperliquid.messages_unrouted", network, ("channel", "others")) == 26)
        }
    }
}
