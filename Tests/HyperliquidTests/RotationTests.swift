import Hyperliquid
import HyperliquidEngine
import Testing

/// What happens to a connection that works and has grown old.
@Suite("Rotation", .timeLimit(.minutes(10))) struct RotationTests {
    let bbo = BestBidOfferFeed.bbo("BTC")

    @Test func `an old connection is replaced before it is closed, and nothing is missed`() async throws {
        var engine = EngineConfiguration.quick
        engine.linkAge = .milliseconds(200)
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
}
