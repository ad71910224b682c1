import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": faults of acknowledgements and errors.
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
}
