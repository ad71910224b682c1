import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

/// Several envelopes in one text, as a proxy may send them.
@Suite("Following envelopes", .overLoopback, .timeLimit(.minutes(30))) struct FollowingEnvelopesTests {
    /// Records what a receiver reports.
    final class Owner: MessageReceiverOwner {
        var now = Instant.start
        var wallMilliseconds: Int64 = 1_000
        private(set) var inputs: [Engine.Input] = []
        private(set) var unroutedCount = 0
        private(set) var undecodable: [String] = []
        private(set) var responseCount = 0

        func submit(_ input: Engine.Input) { if case .frameArrived = input {} else { inputs.append(input) } }
        func countUnrouted() { unroutedCount += 1 }
        func decodingFailed(_ dispatcher: UpstreamDispatcher) { undecodable.append(dispatcher.request.description) }
        func postAnswered(_ response: PostResponse, on connection: ConnectionID) { responseCount += 1 }
    }

    /// A connection with subscriptions to trades of two coins, one `bbo` and the compressed contexts.
    struct Bench {
        let owner = Owner()
        let receiver: MessageReceiver<Owner>
        let seen = Inbox<String>()
        private(set) var subscribers: [Subscriber] = []

        init() {
            receiver = MessageReceiver(id: ConnectionID(7), owner: owner)
            add(TradesFeed(coin: "BTC")) { "BTC \($0.map(\.number))" }
            add(TradesFeed(coin: "ETH")) { "ETH \($0.map(\.number))" }
            add(BestBidOfferFeed(coin: "BTC")) { "bbo \($0.number ?? 0)" }
            add(FastAssetContextsFeed()) { "contexts \($0.count)" }
        }

        private mutating func add<F: Feed>(_ feed: F, _ text: @escaping @Sendable (F.Event) -> String) {
            let dispatcher = UpstreamDispatcher(
                id: UpstreamID(UInt64(subscribers.count + 1)), request: feed.request, traits: feed.traits,
                queue: _FlushQueue(), atMilliseconds: 0)
            dispatcher.attach(receiver.id)
            let seen = seen
            let subscriber = FeedSubscriber(
                id: SubscriptionID(UInt64(subscribers.count + 1)), feed: feed, policy: nil,
                destination: .callback { event in
                    switch event {
                    case .snapshot(let data), .update(let data): seen.put(text(data))
                    case .gap(let gap): seen.put("gap \(gap.reason) \(feed.request)")
                    case .undecodable: seen.put("undecodable \(feed.request)")
                    }
                }, end: .callback { _ in }, queue: _FlushQueue(), registeredMilliseconds: 0)
            subscriber.join(dispatcher)
            receiver.add(dispatcher)
            subscribers.append(subscriber)
        }

        func metrics(_ position: Int) -> SubscriptionMetrics { subscribers[position].metrics(atMilliseconds: 2_000) }

        func receive(_ text: String) { receiver.receive(ContiguousArray(text.utf8).span) }
    }

    static let subscribe = Messages.acknowledgement(Messages.subscribe(TradesFeed(coin: "BTC")))
    static let post = #"{"channel":"post","data":{"id":5,"response":{"type":"info","payload":{"type":"x","data":1}}}}"#

    /// First envelopes of every kind, and what each one shows by itself.
    static let firsts: [(text: String, seen: [String])] = [
        (subscribe, []), (#"{"channel":"pong"}"#, []), (#"{"channel":"pong","data":null}"#, []),
        (Messages.error("Odd"), []), (post, []),
        (Messages.trade(1), ["BTC [1]"]), (Messages.bbo(3), ["bbo 3"]),
        (Messages.trade(1, coin: "DOGE"), []), (#"{"channel":"noSuch","data":{"coin":"BTC"}}"#, []),
        (#"{"a":[1]}"#, []),
        (#"[{"blockTime":1}]"#, []), ("7", []),
        (#"{ "data" : {"coin":"BTC","time":7,"bbo":[null,null]}, "channel":"bbo", "more":{} }"#, ["bbo 0"]),
        (#"{"channel":"bbo","data":{"coin":"BTC","time":7,"bbo":[null,null]},"more":1}"#, ["bbo 0"]),
        (
            #"{"channel":"bbo","data":{"coin":"BTC","time":"x","bbo":[null,null]}}"#,
            [#"undecodable {"type":"bbo","coin":"BTC"}"#]
        ),
    ]

    @Test(arguments: firsts.indices, ["", " ", "\n", "\r\n\t "])
    func `what stands behind the first envelope is read like a message of its own`(_ index: Int, _ space: String) {
        let (first, seen) = Self.firsts[index]
        let (glued, apart) = (Bench(), Bench())
        glued.receive(first + space + Messages.trade(2) + space + Self.subscribe + space)
        for text in [first, Messages.trade(2), Self.subscribe] { apart.receive(text) }
        #expect(glued.seen.takeAll() == seen + ["BTC [2]"])
        #expect(glued.owner.inputs == apart.owner.inputs)
        #expect(glued.owner.unroutedCount == apart.owner.unroutedCount)
        #expect(glued.owner.undecodable == apart.owner.undecodable)
        #expect(glued.owner.responseCount == apart.owner.responseCount)
    }

    @Test func `each envelope counts its own bytes`() {
        let bench = Bench()
        bench.receive(Messages.trade(1) + Messages.trade(2, 3) + Messages.bbo(1) + " ")
        #expect(bench.metrics(0).messageCount == 2)
        #expect(bench.metrics(0).byteCount == Messages.trade(1).utf8.count + Messages.trade(2, 3).utf8.count)
        #expect(bench.metrics(2).byteCount == Messages.bbo(1).utf8.count + 1)
    }

    @Test func `a text of many envelopes needs no stack`() {
        let bench = Bench()
        bench.receive(String(repeating: "{}", count: 20_000) + Messages.trade(1))
        #expect(bench.seen.takeAll() == ["BTC [1]"])
        #expect(bench.owner.unroutedCount == 20_000)
    }

    static let everybody = [
        #"{"type":"trades","coin":"BTC"}"#, #"{"type":"trades","coin":"ETH"}"#, #"{"type":"bbo","coin":"BTC"}"#,
        #"{"type":"fastAssetCtxs"}"#,
    ]

    /// Texts behind a readable acknowledgement, and the subscriptions that are told, by position in `everybody`.
    static let unreadable: [(text: String, told: [Int])] = [
        // The channel and the key can be read.
        (#"{"channel":"trades","data":[{"coin":"BTC","side"#, [0]),
        (#"{"channel":"trades","data":[{"coin":"DOGE","side"#, []),
        (#"{"channel":"bbo","data":{"coin":"BTC","time":7,"#, [2]),
        // Only the channel can be read.
        (#"{"channel":"trades","da"#, [0, 1]), (#"{"channel":"trades","data":[{"co"#, [0, 1]),
        (#",{"channel":"bbo","data":{}}"#, [2]), (#"} {"channel" : "trades","#, [0, 1]),
        (#"{"channel":"noSuch","data":{"#, []), (#"{"channel":"subscriptionResponse","data":{"me"#, []),
        // Further channels are named behind the damage.
        (#"{"channel":"trades","data":[{"coin":"BTC",}]}{"channel":"bbo","data":{}}"#, [0, 2]),
        (#"{"channel":"noSuch","data":{]}{"channel":"fastAssetCtxs","data":""}"#, [3]),
        // Nothing is named, but a message may have been there.
        ("{", [0, 1, 2, 3]), (#"{"chan"#, [0, 1, 2, 3]), (#"[{"what":1,"#, [0, 1, 2, 3]),
        // A list of the explorer's blocks, which this connection does not have.
        (#"[{"blockTime":1,"#, []),
        // No message of the venue is without a bracket.
        ("}", []), ("\0", []), ("Websocket connection established.", []),
        // It can be read, and is no message of a subscription.
        (#"{"what":1}"#, []), (#"{"channel":"trades"}"#, []), ("null", []),
    ]

    @Test(arguments: unreadable.indices)
    func `what cannot be read is announced to the subscriptions to which it may belong`(_ index: Int) {
        let (text, told) = Self.unreadable[index]
        let bench = Bench()
        bench.receive(Self.subscribe + text)
        let names = told.map { Self.everybody[$0] }
        #expect(bench.owner.undecodable.sorted() == names.sorted())
        #expect(bench.seen.takeAll().sorted() == names.map { "undecodable \($0)" }.sorted())
        for position in Self.everybody.indices {
            #expect(bench.metrics(position).gapCount == (told.contains(position) ? 1 : 0))
            #expect(bench.metrics(position).undecodableCount == (told.contains(position) ? 1 : 0))
        }
        #expect(bench.owner.unroutedCount + told.count > 0, "it is counted somewhere")
        // The contexts are changes, so one that is missing makes the state wrong.
        let hasLostBase = bench.owner.inputs.contains { if case .baseLost = $0 { true } else { false } }
        #expect(hasLostBase == told.contains(3))
    }

    @Test func `damage in a first envelope is announced to the others only if it names them`() {
        for (text, told) in [
            (#"{"channel":"bbo","data":{"coin":"BTC","time":7"#, [2]),
            (#"{"channel":"bbo","data":{"coin":"BTC",,"time":7}}"# + Messages.trade(1), [2, 0, 1]),
            (#"{"channel":"bbo","data":{"coin":"BTC",,"time":[{}]}}"#, [2]),
            ("Websocket connection established.", []), ("{", []),
        ] as [(String, [Int])] {
            let bench = Bench()
            bench.receive(text)
            #expect(bench.owner.undecodable == told.map { Self.everybody[$0] })
        }
    }

    @Test func `a message held back during a move is held without its neighbours`() throws {
        let feed = OrderUpdatesFeed(user: .example)
        let owner = Owner()
        let receiver = MessageReceiver(id: ConnectionID(2), owner: owner)
        let dispatcher = UpstreamDispatcher(
            id: UpstreamID(1), request: feed.request, traits: feed.traits, queue: _FlushQueue(), atMilliseconds: 0)
        dispatcher.attach(ConnectionID(1))
        dispatcher.beginHandover(from: ConnectionID(1))
        dispatcher.attach(receiver.id)
        receiver.add(dispatcher)
        let texts = [#"{"channel":"orderUpdates","data":[1]}"#, #"{"channel":"orderUpdates","data":[2]}"#]
        receiver.receive(ContiguousArray((texts[0] + "\n" + texts[1] + " ").utf8).span)
        let remainder = try #require(dispatcher.endHandover(isLost: false, at: .start, timeout: .seconds(1)))
        #expect(remainder.messages.map { String(decoding: $0, as: UTF8.self) } == texts)
    }

    // MARK: Over a connection

    @Test func `an acknowledgement and trades in one text arrive both`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let feed = TradesFeed(coin: "BTC")
            try await venue.whenReceived(Messages.subscribe(feed), send: Self.subscribe + "\n" + Messages.trade(1, 2))
            let reader = try await Reader(feed, through: .callback, on: client)
            #expect(try await reader.data().map(\.number) == [1, 2])
            #expect(await client.connectionInfo().unroutedCount == 0)
            try await venue.send(#"{"channel":"pong"}{"channel":"tra"#, Messages.trade(3))
            guard case .undecodable = try await reader.event() else { throw Unexpected() }
            #expect(try await reader.gap().reason == .undecodable)
            #expect(try await reader.data().map(\.number) == [3])
        }
    }

    @Test func `two events of a user in one message arrive both, in their order`() async throws {
        try await withScript { client, venue in
            let feed = UserEventsFeed(user: .example)
            let reader = try await Reader(feed, through: .callback, on: client)
            let cancel = #""nonUserCancel":[{"coin":"ETH","oid":7}]"#
            let funding =
                #""funding":{"time":1,"coin":"ETH","usdc":"-0.42","szi":"2.0","fundingRate":"0.1","nSamples":null}"#
            try await venue.send(#"{"channel":"user","data":{\#(cancel),\#(funding)}}"#)
            guard case .nonUserCancel? = try await reader.event().data, case .funding? = try await reader.event().data
            else { throw Unexpected() }
            #expect(try await client.metrics(of: reader.id).messageCount == 1)
        }
    }
}
