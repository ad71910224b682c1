import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R1" to "R5".
@Suite("Connections") struct ConnectionRuleTests {
    @Test func `R2: a connection beyond the limit is refused until another one closes`() {
        var exchange = VirtualExchange { $0.connectionLimit = 3 }
        for connection in 1...3 { #expect(exchange.open(UInt64(connection)) == .accept) }
        #expect(exchange.open(4) == .refuse(status: 429))
        exchange.close(2)
        #expect(exchange.open(5) == .accept)
    }

    @Test func `R2: a connection counts from its admission until it is closed`() {
        var configuration = ExchangeConfiguration()
        configuration.connectionLimit = 2
        var exchange = Exchange(configuration: configuration)
        var effects: [Exchange.Effect] = []
        for id in UInt64(1)...2 { #expect(exchange.admit(Exchange.ConnectionID(id), at: .start) == .accept) }
        #expect(exchange.admit(Exchange.ConnectionID(3), at: .start) == .refuse(status: 429))
        exchange.handle(.opened(Exchange.ConnectionID(1), .api), at: .start, into: &effects)
        exchange.handle(.closed(Exchange.ConnectionID(2)), at: .start, into: &effects)
        #expect(exchange.admit(Exchange.ConnectionID(4), at: .start) == .accept)
        #expect(exchange.admit(Exchange.ConnectionID(5), at: .start) == .refuse(status: 429))
    }

    @Test func `R2: a dial beyond the limit per minute is refused with the configured status`() {
        var exchange = VirtualExchange {
            $0.connectionsPerMinuteLimit = 5
            $0.refusalStatus = 503
        }
        for connection in 1...5 {
            #expect(exchange.open(UInt64(connection)) == .accept)
            exchange.close(UInt64(connection))
        }
        #expect(exchange.open(6) == .refuse(status: 503))
        exchange.run(.seconds(60))
        #expect(exchange.open(7) == .accept)
    }

    @Test func `R3: a connection without data is closed after a minute, even if it got acknowledgements`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.run(.seconds(50))
        exchange.subscribe(#""type":"trades","coin":"XAI""#)
        exchange.send(#"{"method":"post","id":1,"request":{"type":"info","payload":{"type":"allMids"}}}"#)
        exchange.send("nonsense")
        exchange.run(.seconds(9))
        #expect(exchange.ends[1] == nil)
        #expect(exchange.received().count == 3)
        exchange.run(.seconds(1))
        #expect(exchange.ends[1] == .closed(1000, "Inactive"))
        #expect(exchange.endTimes[1] == .start.advanced(by: .seconds(60)))
    }

    @Test func `R3: data and pongs keep a connection open`() {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(#""type":"allMids""#, on: 1)
        for _ in 1...5 {
            exchange.run(.seconds(40))
            exchange.send(#"{"method":"ping"}"#, on: 2)
        }
        #expect(exchange.ends.isEmpty)
    }

    @Test func `R4: a ping is answered with a pong that has no data`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.send(#" { "method" : "ping" } "#)
        #expect(exchange.received().map(\.text) == [#"{"channel":"pong"}"#])
    }

    @Test func `R5: a rotation closes the connection with its reason`() {
        var exchange = VirtualExchange { $0.rotation = .seconds(30) }
        exchange.open()
        exchange.subscribe(#""type":"allMids""#)
        exchange.run(.seconds(30))
        #expect(exchange.ends[1] == .closed(1000, "Expired"))
    }

    @Test func `R5: a silenced connection gets no message and is not closed`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"allMids""#)
        exchange.run(.seconds(1))
        exchange.fault(.silence(.oldest))
        _ = exchange.received()
        exchange.send(#"{"method":"ping"}"#)
        exchange.run(.seconds(300))
        #expect(exchange.received().isEmpty)
        #expect(exchange.ends.isEmpty)
    }

    @Test func `the greeting is sent first and is not JSON`() {
        var exchange = VirtualExchange { $0.sendsGreeting = true }
        exchange.open()
        #expect(exchange.received().map(\.text) == ["Websocket connection established."])
    }
}
