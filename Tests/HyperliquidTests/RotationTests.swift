import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

/// The replacement of connections that have reached their maximum age.
@Suite("Rotation", .overLoopback, .timeLimit(.minutes(30))) struct RotationTests {
    let bbo = BestBidOfferFeed.bbo("BTC")

    @Test func `an old connection is closed once its replacement is live, and no event is missed`() async throws {
        var engine = EngineConfiguration.quick
        engine.maximumConnectionAge = .milliseconds(200)
        engine.spareConnectionCount = 1
        try await withScript(engine: engine) { client, venue in
            try await venue.whenReceived(Messages.subscribe(bbo), send: Messages.bbo(1))
            let reader = try await Reader(bbo, through: .callback, on: client)
            // The state at the start, and again from the connection that takes over.
            for _ in 0..<2 { #expect(try await reader.event().data?.number == 1) }
            #expect(try await client.metrics(of: reader.id).gapCount == 0)
            var facts: [ScriptedVenue.Fact] = []
            while facts.last != .received(0, Messages.unsubscribe(bbo)) { facts.append(try await venue.facts.next()) }
            #expect(
                facts.contains(.received(1, Messages.subscribe(bbo))), "the new one is live before the old one ends")
        }
    }

    @Test func `events that the venue does not repeat come on both connections and are delivered once`() async throws {
        var engine = EngineConfiguration.quick
        engine.maximumConnectionAge = .milliseconds(200)
        engine.spareConnectionCount = 1
        let orders = RawFeed(OrderUpdatesFeed(user: .example).request)
        let update = { (number: Int) in #"{"channel":"orderUpdates","data":[\#(number)]}"# }
        try await withScript(acknowledges: false, engine: engine) { client, venue in
            let reader = try await Reader(orders, through: .callback, on: client, until: .registered)
            let subscribe = Messages.subscribe(orders)
            let raw = Inbox<String>()
            try await client.onRawMessage { raw.put(String(decoding: $0, as: UTF8.self)) }
            try await venue.received(subscribe, on: 0)
            try await venue.send(Messages.acknowledgement(subscribe), update(1))
            try await venue.received(subscribe, on: 1)
            // On both, on the new one before its acknowledgement.
            try await venue.send(update(2))
            try await venue.send(update(2), Messages.acknowledgement(subscribe), to: 1)
            try await venue.received(Messages.unsubscribe(orders), on: 0)
            // The new connection is ahead: what it brings waits.
            try await venue.send(update(3), update(4), #"{"channel":"unknown","data":[]}"#, to: 1)
            _ = try await raw.first { $0.contains("unknown") ? true : nil }
            try await venue.send(update(3), Messages.acknowledgement(Messages.unsubscribe(orders)))
            try await venue.send(update(5), to: 1)
            for number in 1...5 {
                let event = try await reader.event()
                #expect(event.data.map { String(decoding: $0.bytes, as: UTF8.self) } == "[\(number)]", "\(event)")
            }
            #expect(try await client.metrics(of: reader.id).gapCount == 0)
        }
    }
}
