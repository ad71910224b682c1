import HyperliquidSimulator
import HyperliquidWire
import Testing

/// The client's decoders read every message of the exchange.
@Suite("Exchange and decoders") struct DecodingTests {
    /// The example of every feed of the catalogue, and some feeds of other kinds of coins.
    static let feeds: [any Feed] =
        FeedCatalogue.feeds.map { $0.descriptor.example }
        + [
            TradesFeed(coin: "xyz:SP500"), BestBidOfferFeed(coin: "@107"), BestBidOfferFeed(coin: "MATIC"),
            L2BookFeed(coin: "MATIC"), L2BookFeed(coin: "PURR/USDC", nSigFigs: 3),
            ActiveAssetContextFeed(coin: "#14720"), ActiveAssetContextFeed(coin: "MATIC"), AllMidsFeed(dex: "xyz"),
        ]

    @Test("every message decodes without unknown keys and belongs to its feed", arguments: feeds.indices)
    func decoding(_ index: Int) {
        check(Self.feeds[index], schemaDrift: 0)
    }

    @Test("unknown keys, words and channels hide no message", arguments: feeds.indices)
    func tolerance(_ index: Int) {
        check(Self.feeds[index], schemaDrift: 0.3)
    }

    private func check<F: Feed>(_ feed: F, schemaDrift: Double) {
        var exchange = VirtualExchange { $0.schemaDrift = schemaDrift }
        exchange.open(1, feed.traits.endpoint)
        exchange.send(#"{"method":"subscribe","subscription":\#(feed.request)}"#)
        exchange.run(.seconds(45))
        let messages = exchange.received().filter { $0.channel != "subscriptionResponse" }
        var memory = F.Memory()
        memory.subscribed(atMilliseconds: 0)
        var unknownCount = 0
        for message in messages where message.channel != "futureChannel" {
            do throws(DecodingFault) {
                unknownCount += try Self.decode(message, feed, &memory)
            } catch {
                Issue.record("\(error): \(message.text.prefix(500))")
            }
        }
        #expect(!messages.isEmpty)
        if schemaDrift == 0 { #expect(unknownCount == 0) }
    }

    private static func decode<F: Feed>(
        _ message: JSONMessage, _ feed: F, _ memory: inout F.Memory
    ) throws(DecodingFault) -> Int {
        let (decoded, isRight, unknownCount) = try MessageReader.read(message.bytes) {
            (reader) throws(DecodingFault) in
            let envelope = reader._readEnvelope()
            let decoded = try F.decode(&reader, memory: &memory)
            return (decoded, envelope.channel == _ChannelKey(feed.traits.channel), reader.unknownCount)
        }
        #expect(isRight)
        switch decoded {
        case .update(let event), .snapshot(let event): #expect(feed.accepts(event))
        case .snapshotAndUpdate(let both): #expect(feed.accepts(both.present))
        case .nothing: break
        }
        return unknownCount
    }
}
