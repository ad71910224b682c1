import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R1" to "R5".
@Suite("Connections") struct ConnectionRuleTests {
    @Test func `R2: the connection beyond the limit is refused, and there is room again when one has gone`() {
        var venue = Venue { $0.connectionLimit = 3 }
        for connection in 1...3 { #expect(venue.open(UInt64(connection)) == .accept) }
        #expect(venue.open(4) == .refuse(status: 429))
        venue.close(2)
        #expect(venue.open(5) == .accept)
    }

    @Test func `R2: connections that are admitted and not open yet count, until they are closed`() {
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

    @Test func `R2: more dials than the limit within a minute are refused with the configured status`() {
        var venue = Venue {
            $0.connectionsPerMinuteLimit = 5
            $0.refusalStatus = 503
        }
        for connection in 1...5 {
            #expect(venue.open(UInt64(connection)) == .accept)
            venue.close(UInt64(connection))
        }
        #expect(venue.open(6) == .refuse(status: 503))
        venue.run(.seconds(60))
        #expect(venue.open(7) == .accept)
    }

    @Test func `R3: a connection is closed after a minute without data, whatever acknowledgements it got`() {
        var venue = Venue()
        venue.open()
        venue.run(.seconds(50))
        venue.subscribe(#""type":"trades","coin":"XAI""#)
        venue.send(#"{"method":"post","id":1,"request":{"type":"info","payload":{"type":"allMids"}}}"#)
        venue.send("nonsense")
        venue.run(.seconds(9))
        #expect(venue.ends[1] == nil)
        #expect(venue.received().count == 3)
        venue.run(.seconds(1))
        #expect(venue.ends[1] == .closed(1000, "Inactive"))
        #expect(venue.endTimes[1] == .start.advanced(by: .seconds(60)))
    }

    @Test func `R3: data and pongs keep a connection open`() {
        var venue = Venue()
        venue.open(1)
        venue.open(2)
        venue.subscribe(#""type":"allMids""#, on: 1)
        for _ in 1...5 {
            venue.run(.seconds(40))
            venue.send(#"{"method":"ping"}"#, on: 2)
        }
        #expect(venue.ends.isEmpty)
    }

    @Test func `R4: a ping is answered with a pong that has no data`() {
        var venue = Venue()
        venue.open()
        venue.send(#" { "method" : "ping" } "#)
        #expect(venue.received().map(\.text) == [#"{"channel":"pong"}"#])
    }

    @Test func `R5: a rotation closes in order with its reason`() {
        var venue = Venue { $0.rotation = .seconds(30) }
        venue.open()
        venue.subscribe(#""type":"allMids""#)
        venue.run(.seconds(30))
        #expect(venue.ends[1] == .closed(1000, "Expired"))
    }

    @Test func `R5: a silent connection says nothing more, and is not closed either`() {
        var venue = Venue()
        venue.open()
        venue.subscribe(#""type":"allMids""#)
        venue.run(.seconds(1))
        venue.fault(.silence(.oldest))
        _ = venue.received()
        venue.send(#"{"method":"ping"}"#)
        venue.run(.seconds(300))
        #expect(venue.received().isEmpty)
        #expect(venue.ends.isEmpty)
    }

    @Test func `some servers greet with a text that is no JSON`() {
        var venue = Venue { $0.sendsGreeting = true }
        venue.open()
        #expect(venue.received().map(\.text) == ["Websocket connection established."])
    }
}
