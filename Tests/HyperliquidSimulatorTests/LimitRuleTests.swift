import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R13" to "R15": limits over all connections of an address, in the venue's own words.
@Suite("Limits") struct LimitRuleTests {
    private static func user(_ number: Int) -> String {
        "0x" + String(repeating: "\(number % 10)", count: 38) + "\(number + 10)"
    }

    private static func errors(_ messages: [JSONMessage]) -> [String] {
        messages.filter { $0.channel == "error" }.compactMap(\.data.text)
    }

    @Test func `R13: a subscription beyond the limit over all connections is refused`() {
        var exchange = VirtualExchange { $0.subscriptionLimit = 4 }
        exchange.open(1)
        exchange.open(2)
        for (index, coin) in ["BTC", "ETH", "SOL", "XRP", "DOGE"].enumerated() {
            exchange.subscribe(#""type":"bbo","coin":"\#(coin)""#, on: UInt64(1 + index % 2))
        }
        exchange.run(.seconds(1))
        #expect(Self.errors(exchange.received(on: 1)) == ["Cannot subscribe to more than 4 channels."])
        exchange.close(2)
        exchange.subscribe(#""type":"bbo","coin":"DOGE""#, on: 1)
        exchange.run(.seconds(1))
        #expect(Self.errors(exchange.received(on: 1)).isEmpty)
    }

    @Test func `R14: a user beyond the limit is refused, however many subscriptions the others have`() {
        var exchange = VirtualExchange { $0.userLimit = 3 }
        exchange.open(1)
        exchange.open(2)
        for number in 0..<3 {
            exchange.subscribe(#""type":"userFills","user":"\#(Self.user(number))""#, on: UInt64(1 + number % 2))
        }
        exchange.subscribe(#""type":"webData3","user":"\#(Self.user(0))""#, on: 2)
        exchange.subscribe(#""type":"activeAssetData","coin":"BTC","user":"\#(Self.user(3))""#, on: 1)
        exchange.run(.milliseconds(10))
        #expect(Self.errors(exchange.received(on: 1)) == ["Cannot track more than 3 total users."])
        #expect(Self.errors(exchange.received(on: 2)).isEmpty)
    }

    @Test(
        "R14: a user counts for a while after its last unsubscribe or its connection's end",
        arguments: [true, false])
    func linger(byUnsubscribe: Bool) {
        var exchange = VirtualExchange { $0.userLimit = 1 }
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(#""type":"userFills","user":"\#(Self.user(0))""#, on: 1)
        if byUnsubscribe {
            exchange.unsubscribe(#""type":"userFills","user":"\#(Self.user(0))""#, on: 1)
        } else {
            exchange.close(1)
        }
        exchange.run(.milliseconds(11_900))
        exchange.subscribe(#""type":"userFills","user":"\#(Self.user(1))""#, on: 2)
        exchange.subscribe(#""type":"userFundings","user":"\#(Self.user(0))""#, on: 2)
        exchange.unsubscribe(#""type":"userFundings","user":"\#(Self.user(0))""#, on: 2)
        exchange.run(.milliseconds(50))
        #expect(Self.errors(exchange.received(on: 2)) == ["Cannot track more than 1 total users."])
        exchange.run(.seconds(12))
        exchange.subscribe(#""type":"userFills","user":"\#(Self.user(1))""#, on: 2)
        exchange.run(.milliseconds(50))
        #expect(Self.errors(exchange.received(on: 2)).isEmpty)
    }

    @Test func `limits of one connection hold beside those of the address`() {
        var exchange = VirtualExchange {
            $0.subscriptionsPerConnectionLimit = 2
            $0.usersPerConnectionLimit = 1
        }
        exchange.open(1)
        exchange.open(2)
        for connection in [1, 2] as [UInt64] {
            exchange.subscribe(#""type":"userFills","user":"\#(Self.user(0))""#, on: connection)
            exchange.subscribe(#""type":"userFills","user":"\#(Self.user(1))""#, on: connection)
            exchange.subscribe(#""type":"userFundings","user":"\#(Self.user(0))""#, on: connection)
            exchange.subscribe(#""type":"bbo","coin":"BTC""#, on: connection)
            exchange.run(.milliseconds(10))
            #expect(
                Self.errors(exchange.received(on: connection)) == [
                    "Cannot track more than 1 total users.", "Cannot subscribe to more than 2 channels.",
                ])
        }
    }

    @Test func `messages beyond the limit within a second are refused`() {
        var exchange = VirtualExchange { $0.messagesPerSecondLimit = 3 }
        exchange.open(1)
        for _ in 0..<4 { exchange.send(#"{"method":"ping"}"#) }
        exchange.run(.milliseconds(10))
        #expect(Self.errors(exchange.received(on: 1)) == ["Cannot send more than 3 messages per second."])
        exchange.run(.seconds(1))
        exchange.send(#"{"method":"ping"}"#)
        exchange.run(.milliseconds(10))
        #expect(exchange.received(on: 1).map(\.channel) == ["pong"])
    }

    @Test func `R14: the limit per connection counts the users of each connection`() {
        var exchange = VirtualExchange {
            $0.userLimit = 2
            $0.userScope = .connection
        }
        exchange.open(1)
        exchange.open(2)
        for number in 0..<4 {
            exchange.subscribe(#""type":"userFills","user":"\#(Self.user(number))""#, on: UInt64(1 + number / 2))
        }
        exchange.subscribe(#""type":"userFills","user":"\#(Self.user(4))""#, on: 2)
        exchange.run(.milliseconds(10))
        #expect(Self.errors(exchange.received(on: 1)).isEmpty)
        #expect(Self.errors(exchange.received(on: 2)) == ["Cannot track more than 2 total users."])
    }

    @Test func `requests are answered up to the limit on their weight, over REST and as posts`() {
        var exchange = VirtualExchange { $0.requestWeightPerMinuteLimit = 44 }
        exchange.open(1)
        #expect(exchange.ask(#"{"type":"meta"}"#).status == 200)
        let candles =
            #"{"type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0,"endTime":1999999999999}}"#
        exchange.send(#"{"method":"post","id":1,"request":{"type":"info","payload":\#(candles)}}"#, on: 1)
        exchange.send(#"{"method":"post","id":2,"request":{"type":"info","payload":{"type":"allMids"}}}"#, on: 1)
        exchange.send(#"{"method":"post","id":3,"request":{"type":"action","payload":{}}}"#, on: 1)
        #expect(exchange.ask(#"{"type":"l2Book","coin":"BTC"}"#).status == 429)
        exchange.run(.seconds(1))
        let responses = exchange.received("post").map(\.data).sorted { $0["id"].integer ?? 0 < $1["id"].integer ?? 0 }
        #expect(responses.map { $0["response"]["type"].text } == ["info", "error", "error"])
        #expect(responses.last?["response"]["payload"].text == "429 Too Many Requests")
        exchange.run(.seconds(60))
        #expect(exchange.ask(#"{"type":"l2Book","coin":"BTC"}"#).status == 200)
    }

    @Test func `R15: a message beyond the limit per minute gets an error only`() {
        var exchange = VirtualExchange { $0.messagesPerMinuteLimit = 5 }
        exchange.open(1)
        exchange.open(2)
        for _ in 1...5 { exchange.send(#"{"method":"ping"}"#, on: 1) }
        exchange.subscribe(#""type":"bbo","coin":"BTC""#, on: 2)
        exchange.run(.seconds(1))
        #expect(exchange.received(on: 2).map(\.data.text) == ["Cannot send more than 5 messages per minute."])
        exchange.run(.seconds(59))
        exchange.open(3)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#, on: 3)
        exchange.run(.milliseconds(5))
        #expect(exchange.received(on: 3).first?.channel == "subscriptionResponse")
    }
}
