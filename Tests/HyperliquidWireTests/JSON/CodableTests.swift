import Foundation
import HyperliquidWire
import Testing

@Suite("Codable") struct CodableTests {
    @Test(arguments: Fixtures.all)
    func `every event is coded with the venue's field names and compared`(_ fixture: Fixture) throws {
        for event in fixture.outcome().events {
            if let problem = try fixture.codingProblem(event) { Issue.record("\(problem)") }
        }
    }

    @Test func `what surrounds an event is coded too`() throws {
        let events: [FeedEvent<[Trade]>] = [
            .gap(Gap(reason: .overflow, fromMilliseconds: 1, toMilliseconds: 2, missedCount: 3)),
            .undecodable(DecodingFault(.missingField, at: 4, field: "px")), .update([]),
        ]
        let data = try JSONEncoder().encode(events)
        #expect(try JSONDecoder().decode([FeedEvent<[Trade]>].self, from: data) == events)
        struct Words: Codable, Equatable {
            var coin: Coin = "@107"
            var side = Side.buy
            var status = OrderStatus(rawValue: "newWord")
            var address = Address.example
            var id = SubscriptionID(5)
            var price: ExactDecimal = 0.10
        }
        let words = try JSONDecoder().decode(Words.self, from: try JSONEncoder().encode(Words()))
        #expect(words == Words())
    }

    @Test(arguments: [
        (#"{"coin":"BTC","time":1}"#, "bbo"), (#"{"px":"1","sz":"x","n":1}"#, "invalidDecimal"),
        ("[]", "unexpectedType"),
    ])
    func `a value that is not the venue's names its fault`(json: String, words: String) throws {
        let error = #expect(throws: DecodingError.self) {
            if words == "bbo" {
                _ = try JSONDecoder().decode(BestBidOffer.self, from: Data(json.utf8))
            } else {
                _ = try JSONDecoder().decode(Level.self, from: Data(json.utf8))
            }
        }
        #expect("\(String(describing: error))".contains(words))
    }

    @Test(arguments: [("12.50", "12.50"), ("7", "7"), ("\"3.10\"", "3.10"), ("-0.25", "-0.25")])
    func `a decimal is decoded from a string or a number`(json: String, text: String) throws {
        #expect(try JSONDecoder().decode([ExactDecimal].self, from: Data("[\(json)]".utf8)) == [ExactDecimal(text)])
    }

    // MARK: Descriptions

    @Test func `values print as one line, cut off, and in full for debugging`() {
        let level = Level(price: 64000.5, size: 0.1, orderCount: 2)
        #expect("\(level)" == #"Level {"px":"64000.5","sz":"0.1","n":2}"#)
        let book = L2Book(
            coin: "BTC", timeMilliseconds: 1, bids: Array(repeating: level, count: 20), asks: [level])
        #expect("\(book)".count < 220 && "\(book)".hasSuffix("…"))
        #expect(String(reflecting: book).hasSuffix("}") && String(reflecting: book).count > 700)
        #expect("\(FeedEvent.update([level]))" == #"update [{"px":"64000.5","sz":"0.1","n":2}]"#)
        let gap = Gap(reason: .overflow, fromMilliseconds: 1, toMilliseconds: 2, missedCount: 3)
        #expect("\(FeedEvent<Level>.gap(gap))" == "gap: overflow from 1 to 2 ms, 3 missing")
        #expect("\(Side.buy) \(OrderStatus.open) \(RawMessage(bytes: Array("[1]".utf8)))" == "buy open [1]")
    }

    @Test func `a list of rows is a collection of them`() throws {
        let rows = UserRows(user: .example, rows: [Funding.example, .example])
        #expect(rows.count == 2 && rows.map(\.coin) == ["ETH", "ETH"] && rows.first == .example)
        #expect(DexContexts(dex: "", contexts: []).isEmpty)
    }

    // MARK: Events for tests of feeds

    @Test func `an event is read from a message or from its data`() throws {
        let data = #"{"coin":"BTC","time":1,"bbo":[null,null]}"#
        let best = BestBidOffer(coin: "BTC", timeMilliseconds: 1, bid: nil, ask: nil)
        #expect(try BestBidOfferFeed.event(from: data) == best)
        #expect(try BestBidOfferFeed.event(from: #"{"channel":"bbo","data":\#(data)}"#) == best)
        let truncated = #expect(throws: DecodingFault.self) { try BestBidOfferFeed.event(from: #"{"coin":"BTC""#) }
        #expect(truncated?.code == .truncated)
        let trailing = #expect(throws: DecodingFault.self) { try BestBidOfferFeed.event(from: data + "x") }
        #expect(trailing?.code == .trailingBytes)
    }

    @Test func `a reader of bare data says that the envelope is missing`() {
        let bytes = Array(#"{"coin":"BTC","time":1,"bbo":[null,null]}"#.utf8)
        var reader = MessageReader(bytes.span)
        var memory = NoMemory()
        let fault = #expect(throws: DecodingFault.self) { try BestBidOfferFeed.decode(&reader, memory: &memory) }
        #expect(fault?.code == .missingEnvelope)
    }
}

extension Funding {
    fileprivate static let example = Funding(
        timeMilliseconds: 1, coin: "ETH", amount: -0.5, positionSize: 1, fundingRate: 0.0001)
}
