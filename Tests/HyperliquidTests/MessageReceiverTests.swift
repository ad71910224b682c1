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

        func submit(_ input: Engine.Input) { inputs.append(input) }
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
            let dispatcher = dispatcher(id, .trades(coin))
            dispatcher.feedDispatcher(for: TradesFeed.trades(coin)).attach(
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
        let dispatcher = dispatcher(1, .trades("BTC"))
        let reports = Inbox<Int>()
        dispatcher.feedDispatcher(for: TradesFeed.trades("BTC")).attach(
            _FeedSubscriber(
                .callback { _ in reports.put(1) }, conflates: false, queue: queue))
        receiver.add(dispatcher)
        receive(Messages.trade(1), Messages.trade(2), by: receiver)
        #expect(owner.takeInputs() == [.dataArrived(connection, UpstreamID(1))])
        #expect(reports.takeAll().count == 2)
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
        let subscribe = Messages.subscribe(TradesFeed.trades("BTC"))
        receive(#"{"channel":"pong"}"#, Messages.acknowledgement(subscribe), Messages.error("Odd"), by: receiver)
        #expect(
            owner.inputs == [
                .pongArrived(connection),
                .acknowledged(connection, .subscribe, echo: TradesFeed.trades("BTC").request),
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
        let dispatcher = dispatcher(1, .trades("BTC"))
        dispatcher.feedDispatcher(for: TradesFeed.trades("BTC")).attach(
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
        let dispatcher = dispatcher(1, .trades("BTC"))
        receiver.add(dispatcher)
        receiver.remove(dispatcher)
        receive(Messages.trade(1), by: receiver)
        #expect(owner.unroutedCount == 1)
    }
}
