import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import TestPacing
import Testing

/// The replacement of connections that have reached their maximum age.
@Suite("Rotation", .overLoopback, .timeLimit(.minutes(30))) struct RotationTests {
    let bbo = BestBidOfferFeed(coin: "BTC")

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

    /// Nine variants of one book need a connection each, and the tenth is kept to spare.
    @Test func `ten connections of one age are replaced inside the venue's limits, and nobody has a gap`() async throws
    {
        var engine = EngineConfiguration.quick
        engine.limits.dialsPerMinute = 25
        // The spare connection is free again soon.
        engine.idleConnectionLinger = .milliseconds(50)
        engine.maximumConnectionAge = .seconds(1)
        engine.spareConnectionCount = 1
        var exchange = ExchangeConfiguration.quick
        exchange.connectionsPerMinuteLimit = ExchangeConfiguration().connectionsPerMinuteLimit
        let figures: [(Int?, Int?)] = [(nil, nil), (2, nil), (3, nil), (4, nil), (5, nil), (5, 2), (5, 5)]
        let books =
            figures.map { L2BookFeed(coin: "BTC", nSigFigs: $0, mantissa: $1) }
            + [nil, 2].map { L2BookFeed(coin: "BTC", nSigFigs: $0, fast: true) }
        try await withExchange(exchange, engine: engine) { client, exchange in
            let events = Inbox<(Int, FeedEvent<L2Book>)>()
            var ids: [SubscriptionID] = []
            for (index, book) in books.enumerated() {
                ids.append(try await client.subscribe(to: .feed(book)) { events.put((index, $0)) })
            }
            let old = Set(await client.connectionInfo().connections.map(\.id))
            #expect(old.count == 9)
            var times: [Int: Int64] = [:]
            while await client.connectionInfo().connections.contains(where: { old.contains($0.id) }) {
                let (index, event) = try await events.next()
                guard let time = event.data?.timeMilliseconds else {
                    Issue.record("\(books[index].request): \(event)")
                    continue
                }
                #expect(time >= times[index, default: 0], "\(books[index].request)")
                times[index] = time
            }
            for id in ids { #expect(try await client.metrics(of: id).gapCount == 0) }
            #expect(await client.connectionInfo().connections.count <= 10)
        }
    }
}
