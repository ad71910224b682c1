import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Testing

/// The messages of one connection, as text: no client, no socket.
@Suite("Message receiver") struct MessageReceiverTests {
    /// Records what a receiver reports.
    final class Owner: MessageReceiverOwner {
        var now = Instant.start
        var wallMilliseconds: Int64 = 0
        private(set) var inputs: [Engine.Input] = []
        private(set) var unroutedCount = 0
        private(set) var faultCount = 0
        private(set) var responses: [PostID] = []

        /// Does what an engine may do in answer to an input.
        var answer: ((Engine.Input) -> Void)?

        func submit(_ input: Engine.Input) {
            inputs.append(input)
            answer?(input)
        }
        func countUnrouted() { unroutedCount += 1 }
        func decodingFailed(_ dispatcher: UpstreamDispatcher) { faultCount += 1 }
        func postAnswered(_ response: PostResponse, on connection: ConnectionID) { responses.append(response.id) }

        /// The reports since the last call, other than that the connection lives.
        func takeInputs() -> [Engine.Input] {
            defer { inputs = [] }
            return inputs.filter { if case .frameArrived = $0 { false } else { true } }
        }
    }

    private let connection = ConnectionID(7)
    private let queue = _FlushQueue()

    private func dispatcher(_ id: UInt64, _ feed: some Feed) -> UpstreamDispatcher {
        let dispatcher = UpstreamDispatcher(
            id: UpstreamID(id), request: feed.request, traits: feed.traits, queue: queue, atMilliseconds: 0)
        dispatcher.attach(connection)
        return dispatcher
    }

    private func receive(_ texts: String..., by receiver: MessageReceiver<Owner>) {
        for text in texts { receiver.receive(ContiguousArray(text.utf8).span) }
    }

    @Test func `messages go to the upstream subscriptions that their keys name`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let seen = Inbox<String>()
        for (id, coin) in [(1, "BTC"), (2, "ETH")] as [(UInt64, Coin)] {
            let dispatcher = dispatcher(id, TradesFeed(coin: coin))
            dispatcher.feedDispatcher(for: TradesFeed(coin: coin)).attach(
                _FeedSubscriber(
                    .callback { event in seen.put("\(coin) \(event.data?.map(\.number) ?? [])") }, conflates: false,
                    queue: queue))
            receiver.add(dispatcher)
        }
        receive(Messages.trade(1, coin: "ETH"), Messages.trade(2), Messages.trade(3, coin: "SOL"), by: receiver)
        #expect(seen.takeAll() == ["ETH [1]", "BTC [2]"])
        #expect(owner.unroutedCount == 1)
    }

    @Test func `the first message of an upstream subscription is reported before it is dispatched`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let dispatcher = dispatcher(1, TradesFeed(coin: "BTC"))
        let reports = Inbox<Int>()
        dispatcher.feedDispatcher(for: TradesFeed(coin: "BTC")).attach(
            _FeedSubscriber(
                .callback { _ in reports.put(1) }, conflates: false, queue: queue))
        receiver.add(dispatcher)
        receive(Messages.trade(1), Messages.trade(2), by: receiver)
        #expect(owner.takeInputs() == [.dataArrived(connection, UpstreamID(1))])
        #expect(reports.takeAll().count == 2)
    }

    /// Books whose venue time lags behind the clock by so many seconds, one each second.
    @Test(arguments: [(0, 9), (29, 9), (30, 0), (3600, 0)]) func `a book with an old time is no sign of life`(
        lag: Int64, tickCount: Int
    ) {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let book = L2BookFeed(coin: "BTC")
        let dispatcher = dispatcher(1, book)
        dispatcher.feedDispatcher(for: book).attach(
            _FeedSubscriber(.callback { _ in }, conflates: false, queue: queue))
        receiver.add(dispatcher)
        for second in Int64(0)..<12 {
            owner.now = .start.advanced(by: .seconds(second))
            // The first message may repeat an old one; the next two show the offset of the venue's clock.
            let time = second * 1000 - (second < 3 ? 0 : lag * 1000)
            let levels = #"[{"px":"1","sz":"1","n":1}]"#
            receive(
                #"{"channel":"l2Book","data":{"coin":"BTC","time":\#(time),"levels":[\#(levels),\#(levels)]}}"#,
                by: receiver)
        }
        #expect(owner.inputs.count { $0 == .upstreamTicked(connection, UpstreamID(1)) } == 2 + tickCount)
    }

    /// The beginnings of large messages, while trades of two coins are subscribed to, one of which has brought some.
    @Test(
        arguments: [
            (#"{"channel":"trades","data":[{"coin":"BTC","#, [1]),
            (#"{"channel":"trades","data":[{"coin":"SOL","#, [2]),
            (#"{"channel":"trades","data":[{"#, [1, 2]), (#"{"channel":"bbo","data":{"coin":"BTC","#, []),
            (#"{"padding":""#, nil), ("what", nil),
        ] as [(String, [UInt64]?)])
    func `a message that has only begun belongs to those that its beginning leaves`(head: String, senders: [UInt64]?) {
        let receiver = MessageReceiver(id: connection, owner: Owner())
        for (id, coin) in [(1, "BTC"), (2, "ETH")] as [(UInt64, Coin)] {
            let dispatcher = dispatcher(id, TradesFeed(coin: coin))
            dispatcher.feedDispatcher(for: TradesFeed(coin: coin)).attach(
                _FeedSubscriber(.callback { _ in }, conflates: false, queue: queue))
            receiver.add(dispatcher)
        }
        receive(Messages.trade(1), by: receiver)
        #expect(receiver.senders(of: ContiguousArray(head.utf8).span) == senders?.map { UpstreamID($0) })
    }

    @Test func `a feed that leaves its connection because of its first message is not given the message`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let dispatcher = dispatcher(1, TradesFeed(coin: "BTC"))
        let reports = Inbox<Int>()
        dispatcher.feedDispatcher(for: TradesFeed(coin: "BTC")).attach(
            _FeedSubscriber(.callback { _ in reports.put(1) }, conflates: false, queue: queue))
        receiver.add(dispatcher)
        owner.answer = { input in
            guard case .dataArrived(connection, _) = input else { return }
            dispatcher.detach(connection)
            receiver.remove(dispatcher)
        }
        receive(Messages.trade(1), by: receiver)
        #expect(owner.takeInputs() == [.dataArrived(connection, UpstreamID(1))])
        #expect(reports.takeAll().isEmpty, "it has no gap before it")
    }

    @Test func `a connection is reported alive at most once per second`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        for milliseconds in [0, 500, 999, 1000, 1500, 2100] {
            owner.now = .start.advanced(by: .milliseconds(milliseconds))
            receive(Messages.trade(1), by: receiver)
        }
        #expect(owner.inputs == Array(repeating: .frameArrived(connection), count: 3))
    }

    @Test func `bytes are reported at most once per second`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        for milliseconds in [0, 500, 999, 1000, 1500, 2100] {
            owner.now = .start.advanced(by: .milliseconds(milliseconds))
            receiver.receiveBytes()
        }
        #expect(owner.inputs == Array(repeating: .bytesArrived(connection), count: 3))
    }

    @Test func `bytes neither hide data nor follow data at once`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        for second in [0, 1, 2] as [Int64] {
            owner.now = .start.advanced(by: .seconds(second))
            receiver.receiveBytes()
            receive(Messages.trade(1), by: receiver)
            receiver.receiveBytes()
        }
        #expect(
            owner.inputs
                == Array(repeating: [.bytesArrived(connection), .frameArrived(connection)], count: 3).flatMap(\.self))
    }

    @Test func `control messages become facts`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let subscribe = Messages.subscribe(TradesFeed(coin: "BTC"))
        receive(#"{"channel":"pong"}"#, Messages.acknowledgement(subscribe), Messages.error("Odd"), by: receiver)
        #expect(
            owner.inputs == [
                .pongArrived(connection),
                .acknowledged(connection, .subscribe, echo: TradesFeed(coin: "BTC").request),
                .errorArrived(connection, .other("Odd")),
            ])
    }

    @Test func `a response to a request is given to the owner`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        receive(
            #"{"channel":"post","data":{"id":5,"response":{"type":"info","payload":{"type":"x","data":1}}}}"#,
            by: receiver)
        #expect(owner.responses == [PostID(5)])
    }

    @Test func `a message that cannot be decoded is reported to the owner`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let dispatcher = dispatcher(1, TradesFeed(coin: "BTC"))
        dispatcher.feedDispatcher(for: TradesFeed(coin: "BTC")).attach(
            _FeedSubscriber(.callback { _ in }, conflates: false, queue: queue))
        receiver.add(dispatcher)
        receive(Messages.trade(1), by: receiver)
        #expect(owner.faultCount == 0)
        receive(Messages.trade(2).replacing(#""px":"2""#, with: #""px":"two""#), by: receiver)
        #expect(owner.faultCount == 1)
        #expect(dispatcher.fault != nil)
    }

    @Test func `an upstream subscription that is removed gets no more messages`() {
        let owner = Owner()
        let receiver = MessageReceiver(id: connection, owner: owner)
        let dispatcher = dispatcher(1, TradesFeed(coin: "BTC"))
        receiver.add(dispatcher)
        receiver.remove(dispatcher)
        receive(Messages.trade(1), by: receiver)
        #expect(owner.unroutedCount == 1)
    }
}
