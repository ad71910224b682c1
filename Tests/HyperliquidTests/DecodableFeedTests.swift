import Foundation
import Hyperliquid
import HyperliquidFoundation
import TestPacing
import Testing

@Suite("Decodable feeds", .overLoopback, .timeLimit(.minutes(30))) struct DecodableFeedTests {
    struct QuoteFeed: DecodableFeed {
        struct Event: Decodable, Equatable, Sendable {
            struct Best: Decodable, Equatable, Sendable { let px: String, n: Int }
            let coin: String, bbo: [Best?]
        }

        let coin: Coin
        var request: FeedRequest { FeedRequest(type: "bbo", fields: [("coin", .string(coin.name))]) }
    }

    @Test func `a feed of a few lines delivers decoded events`() async throws {
        try await withScript { client, venue in
            let quotes = try await client.subscribe(to: .feed(QuoteFeed(coin: "BTC")))
            try await venue.send(Messages.bbo(1))
            var iterator = quotes.makeAsyncIterator()
            let event = try await iterator.next()?.data
            #expect(event?.coin == "BTC" && event?.bbo.count == 2)
        }
    }

    @Test(arguments: [
        (#"{"coin":"BTC"}"#, DecodingFault.Code.missingField, "data.bbo"),
        (#"{"coin":"BTC","bbo":[{"px":"1","n":"x"},null]}"#, .unexpectedType, "data.bbo[0].n"),
        (#"{"coin":"BTC","bbo":"#, .truncated, ""),
    ])
    func `a fault names its field`(json: String, code: DecodingFault.Code, path: String) {
        let fault = #expect(throws: DecodingFault.self) { try QuoteFeed.event(from: json) }
        #expect(fault?.code == code)
        if !path.isEmpty { #expect(fault?.path == path) }
    }

    @Test(arguments: ["0", "64000.50", "-0.000001", "99999999999999999999999999999999999", "12345678901234567.8"])
    func `a decimal is the same number in Foundation`(text: String) throws {
        let exact = try #require(ExactDecimal(text))
        #expect(Decimal(exact) == Decimal(string: text))
        #expect(ExactDecimal(exact.decimalValue) == exact)
    }

    @Test func `times are dates`() {
        #expect(Date(milliseconds: 1500).timeIntervalSince1970 == 1.5)
        #expect(ExactDecimal(Decimal.nan) == nil)
    }
}
