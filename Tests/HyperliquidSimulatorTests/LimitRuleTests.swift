import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R13" to "R15": limits over all connections of an address, in the venue's own words.
@Suite("Limits") struct LimitRuleTests {
    private static func user(_ number: Int) -> String {
        "0x" + String(repeating: "\(number % 10)", count: 38) + "\(number + 10)"
    }

    private static func errors(_ messages: [Message]) -> [String] {
        messages.filter { $0.channel == "error" }.compactMap(\.data.text)
    }

    @Test func `R13: the subscription beyond the limit is refused, over all connections together`() {
        var venue = Venue { $0.subscriptionLimit = 4 }
        venue.open(1)
        venue.open(2)
        for (index, coin) in ["BTC", "ETH", "SOL", "XRP", "DOGE"].enumerated() {
            venue.subscribe(#""type":"bbo","coin":"\#(coin)""#, on: UInt64(1 + index % 2))
        }
        venue.run(.seconds(1))
        #expect(Self.errors(venue.received(on: 1)) == ["Cannot subscribe to more than 4 channels."])
        venue.close(2)
        venue.subscribe(#""type":"bbo","coin":"DOGE""#, on: 1)
        venue.run(.seconds(1))
        #expect(Self.errors(venue.received(on: 1)).isEmpty)
    }

    @Test func `R14: one user too many is refused; what counts is users, not their subscriptions`() {
        var venue = Venue { $0.userLimit = 3 }
        venue.open(1)
        venue.open(2)
        for number in 0..<3 {
            venue.subscribe(#""type":"userFills","user":"\#(Self.user(number))""#, on: UInt64(1 + number % 2))
        }
        venue.subscribe(#""type":"webData3","user":"\#(Self.user(0))""#, on: 2)
        venue.subscribe(#""type":"activeAssetData","coin":"BTC","user":"\#(Self.user(3))""#, on: 1)
        venue.run(.milliseconds(10))
        #expect(Self.errors(venue.received(on: 1)) == ["Cannot track more than 3 total users."])
        #expect(Self.errors(venue.received(on: 2)).isEmpty)
    }

    @Test(
        "R14: a user keeps its place for a while, after its last unsubscribe and after its connection's end",
        arguments: [true, false])
    func linger(byUnsubscribe: Bool) {
        var venue = Venue { $0.userLimit = 1 }
        venue.open(1)
        venue.open(2)
        venue.subscribe(#""type":"userFills","user":"\#(Self.user(0))""#, on: 1)
        if byUnsubscribe {
            venue.unsubscribe(#""type":"userFills","user":"\#(Self.user(0))""#, on: 1)
        } else {
            venue.close(1)
        }
        venue.run(.milliseconds(11_900))
        venue.subscribe(#""type":"userFills","user":"\#(Self.user(1))""#, on: 2)
        venue.subscribe(#""type":"userFundings","user":"\#(Self.user(0))""#, on: 2)
        venue.unsubscribe(#""type":"userFundings","user":"\#(Self.user(0))""#, on: 2)
        venue.run(.milliseconds(50))
        #expect(Self.errors(venue.received(on: 2)) == ["Cannot track more than 1 total users."])
        venue.run(.seconds(12))
        venue.subscribe(#""type":"userFills","user":"\#(Self.user(1))""#, on: 2)
        venue.run(.milliseconds(50))
        #expect(Self.errors(venue.received(on: 2)).isEmpty)
    }

    @Test func `R14: by connection, each connection has users of its own`() {
        var venue = Venue {
            $0.userLimit = 2
            $0.userScope = .connection
        }
        venue.open(1)
        venue.open(2)
        for number in 0..<4 {
            venue.subscribe(#""type":"userFills","user":"\#(Self.user(number))""#, on: UInt64(1 + number / 2))
        }
        venue.subscribe(#""type":"userFills","user":"\#(Self.user(4))""#, on: 2)
        venue.run(.milliseconds(10))
        #expect(Self.errors(venue.received(on: 1)).isEmpty)
        #expect(Self.errors(venue.received(on: 2)) == ["Cannot track more than 2 total users."])
    }

    @Test func `R15: a message beyond the limit of a minute is ignored but for the venue's complaint`() {
        var venue = Venue { $0.messagesPerMinuteLimit = 5 }
        venue.open(1)
        venue.open(2)
        for _ in 1...5 { venue.send(#"{"method":"ping"}"#, on: 1) }
        venue.subscribe(#""type":"bbo","coin":"BTC""#, on: 2)
        venue.run(.seconds(1))
        #expect(venue.received(on: 2).map(\.data.text) == ["Cannot send more than 5 messages per minute."])
        venue.run(.seconds(59))
        venue.open(3)
        venue.subscribe(#""type":"bbo","coin":"BTC""#, on: 3)
        venue.run(.milliseconds(5))
        #expect(venue.received(on: 3).first?.channel == "subscriptionResponse")
    }
}
