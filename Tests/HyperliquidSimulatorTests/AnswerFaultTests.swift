import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": faults of acknowledgements and errors, and limits that change.
@Suite("Faults of answers") struct AnswerFaultTests {
    private static func acknowledgement(_ method: String, _ subscription: String) -> String {
        #"{"channel":"subscriptionResponse","data":{"method":"\#(method)","subscription":\#(subscription)}}"#
    }

    private static let bbo = #"{"type":"bbo","coin":"BTC"}"#

    // MARK: Glued texts

    @Test func `glued acknowledgements are one text with the message that follows`() {
        let number = FeedRequest(type: "bbo", fields: [("coin", "BTC")])
        var (glued, apart) = (VirtualExchange(), VirtualExchange())
        glued.open()
        apart.open()
        glued.fault(.glueAcknowledgements(1))
        for coin in ["BTC", "ETH"] {
            glued.subscribe(#""type":"bbo","coin":"\#(coin)""#)
            apart.subscribe(#""type":"bbo","coin":"\#(coin)""#)
        }
        glued.run(.milliseconds(5))
        apart.run(.milliseconds(5))
        let (messages, texts) = (glued.received(), apart.received().map(\.text))
        #expect(messages.map(\.text) == [texts[0] + texts[1], texts[2], texts[3]])
        #expect(texts[0] == Self.acknowledgement("subscribe", Self.bbo))
        #expect(messages[0].origin != nil)
        #expect(messages[0].origin == glued.exchange.number(of: number, on: Exchange.ConnectionID(1)))
        #expect(messages[1].origin == nil)
    }

    @Test func `glued acknowledgements without data between them are one text with the data behind them`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.glueAcknowledgements(2))
        // The first has no first message.
        exchange.subscribe(#""type":"userEvents","user":"\#(alice)""#)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        let messages = exchange.received()
        #expect(messages.count == 1)
        let acknowledgements =
            Self.acknowledgement("subscribe", #"{"type":"userEvents","user":"\#(alice)"}"#)
            + Self.acknowledgement("subscribe", Self.bbo)
        #expect(messages.first?.text.hasPrefix(acknowledgements + #"{"channel":"bbo","data":"#) == true)
        #expect(messages.first?.origin != nil)
    }

    @Test func `a glued acknowledgement that nothing follows goes alone, and is counted`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.glueAcknowledgements(1))
        let events = #"{"type":"userEvents","user":"\#(alice)"}"#
        exchange.subscribe(String(events.dropFirst().dropLast()))
        exchange.run(.milliseconds(5))
        #expect(exchange.received().map(\.text) == [Self.acknowledgement("subscribe", events)])
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse", "bbo"])
    }

    @Test func `the acknowledgement of an unsubscribe is glued to what follows`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        _ = exchange.received()
        exchange.fault(.glueAcknowledgements(1))
        exchange.unsubscribe(#""type":"bbo","coin":"BTC""#)
        exchange.send(#"{"method":"ping"}"#)
        exchange.run(.milliseconds(5))
        let text = Self.acknowledgement("unsubscribe", Self.bbo) + #"{"channel":"pong"}"#
        let messages = exchange.received()
        #expect(messages.map(\.text) == [text])
        #expect(messages.first?.origin == nil)
    }

    // MARK: Echoes and errors

    @Test func `echoes show coins and users in another case until the fault ends`() {
        let user = "0xABCDEF\(alice.dropFirst(8))"
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.changeEchoCase(true))
        exchange.subscribe(#""type":"activeAssetData","user":"\#(user)","coin":"BTC""#)
        exchange.subscribe(#""type":"trades","coin":"ETH""#)
        exchange.run(.milliseconds(5))
        exchange.unsubscribe(#""type":"trades","coin":"ETH""#)
        exchange.subscribe(#""type":"activeAssetData","user":"\#(user)","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        exchange.fault(.changeEchoCase(false))
        exchange.subscribe(#""type":"trades","coin":"ETH""#)
        exchange.run(.milliseconds(5))
        let messages = exchange.received()
        let eth = #"{"type":"trades","coin":"eth"}"#
        #expect(
            messages.filter { $0.channel == "subscriptionResponse" }.map(\.text) == [
                Self.acknowledgement("subscribe", #"{"type":"activeAssetData","user":"\#(user)","coin":"btc"}"#),
                Self.acknowledgement("subscribe", eth), Self.acknowledgement("unsubscribe", eth),
                Self.acknowledgement("subscribe", #"{"type":"trades","coin":"ETH"}"#),
            ])
        let refused = #"Already subscribed: {"type":"activeAssetData","user":"\#(user.lowercased())","coin":"BTC"}"#
        #expect(messages.filter { $0.channel == "error" }.map(\.data.text) == [refused])
        #expect(messages.first { $0.channel == "activeAssetData" }?.data["coin"].text == "BTC")
    }

    @Test func `subscribes are refused in unknown words and have no effect`() {
        var exchange = VirtualExchange { $0.subscriptionLimit = 1 }
        exchange.open()
        exchange.fault(.refuseSubscribes(2, text: nil))
        exchange.unsubscribe(#""type":"trades","coin":"BTC""#)
        for coin in ["BTC", "NOPE"] { exchange.subscribe(#""coin":"\#(coin)","type":"trades""#) }
        exchange.run(.seconds(1))
        exchange.fault(.refuseSubscribes(1, text: "Too hot."))
        for _ in 0..<2 { exchange.subscribe(#""type":"bbo","coin":"BTC""#) }
        exchange.run(.milliseconds(5))
        let messages = exchange.received()
        #expect(
            messages.prefix(4).compactMap(\.data.text) == [
                #"Already unsubscribed: {"type":"trades","coin":"BTC"}"#,
                #"Unknown market: {"type":"trades","coin":"BTC"}"#, #"Unknown market: {"type":"trades","coin":"NOPE"}"#,
                "Too hot.",
            ])
        #expect(messages.dropFirst(4).map(\.channel) == ["subscriptionResponse", "bbo"])
        #expect(exchange.ends.isEmpty)
    }

    @Test func `an error is sent that no request has caused`() {
        var exchange = VirtualExchange()
        for connection: UInt64 in 1...2 { exchange.open(connection) }
        exchange.fault(.sendError(.newest, text: #"Say "hello"."#))
        #expect(exchange.received(on: 1).isEmpty)
        #expect(exchange.received(on: 2).map(\.text) == [#"{"channel":"error","data":"Say \"hello\"."}"#])
    }

    // MARK: Limits

    @Test func `limits change under way, and what is above them already stays`() {
        var exchange = VirtualExchange()
        for connection: UInt64 in 1...3 { exchange.open(connection) }
        for coin in ["BTC", "ETH"] { exchange.subscribe(#""type":"bbo","coin":"\#(coin)""#) }
        exchange.run(.seconds(1))
        exchange.fault(.setLimit(.connections, 2))
        exchange.fault(.setLimit(.subscriptions, 1))
        exchange.fault(.setLimit(.messagesPerMinute, 4))
        #expect(exchange.exchange.configuration.subscriptionLimit == 1)
        #expect(exchange.open(4) == .refuse(status: 429))
        for _ in 0..<3 { exchange.subscribe(#""type":"bbo","coin":"SOL""#, on: 2) }
        exchange.run(.seconds(1))
        #expect(exchange.ends.isEmpty)
        #expect(exchange.received("bbo").count > 1)
        #expect(
            exchange.received(on: 2).map(\.data.text) == [
                "Cannot subscribe to more than 1 channels.", "Cannot subscribe to more than 1 channels.",
                "Cannot send more than 4 messages per minute.",
            ])
        exchange.fault(.setLimit(.connections, 4))
        #expect(exchange.open(4) == .accept)
    }

    @Test(arguments: ExchangeConfiguration.Limit.allCases) func `each limit sets one field`(
        _ limit: ExchangeConfiguration.Limit
    ) {
        var configuration = ExchangeConfiguration()
        configuration.set(limit, to: 7)
        var expected = ExchangeConfiguration()
        switch limit {
        case .connections: expected.connectionLimit = 7
        case .dialsPerMinute: expected.connectionsPerMinuteLimit = 7
        case .subscriptions: expected.subscriptionLimit = 7
        case .subscriptionsPerConnection: expected.subscriptionsPerConnectionLimit = 7
        case .users: expected.userLimit = 7
        case .usersPerConnection: expected.usersPerConnectionLimit = 7
        case .userLingerSeconds: expected.userLinger = .seconds(7)
        case .messagesPerMinute: expected.messagesPerMinuteLimit = 7
        case .messagesPerSecond: expected.messagesPerSecondLimit = 7
        case .requestWeightPerMinute: expected.requestWeightPerMinuteLimit = 7
        case .postsInFlight: expected.postLimit = 7
        }
        #expect(configuration == expected)
    }
}
