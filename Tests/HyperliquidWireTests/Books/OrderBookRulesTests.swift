import HyperliquidWire
import Testing

@Suite("Order book: source of a level") struct OrderBookRulesTests {
    struct Rule: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let messages: [BookMessage]
        let book: String

        init(_ rule: String, _ messages: [BookMessage], _ book: String) {
            testDescription = rule
            self.messages = messages
            self.book = book
        }
    }

    static let rules = [
        Rule(
            "a full book replaces all that is older",
            [.full(1, [100, 99, 98], [101, 102]), .full(2, [97], [103])], "97d2 | 103d2"),
        Rule(
            "a fast book replaces what it reaches and leaves what is deeper",
            [
                .full(1, [100, 99, 98, 97, 96, 95, 94], [101, 102, 103, 104, 105, 106, 107]),
                .fast(2, [100, 99, 98, 97, 95], [101, 102, 103, 104, 106]),
            ],
            "100f2 99f2 98f2 97f2 95f2 94d1 | 101f2 102f2 103f2 104f2 106f2 107d1"),
        Rule(
            "a fast book of fewer than five levels is the whole side",
            [.full(1, [100, 99, 98, 97, 96, 95], [101]), .fast(2, [100, 99], [101, 102])],
            "100f2 99f2 | 101f2 102f2"),
        Rule(
            "a best level replaces its own price and leaves what is deeper",
            [.full(1, [100, 99], [101, 102]), .bbo(2, 100, 101)], "100b2 99d1 | 101b2 102d1"),
        Rule(
            "a best level removes what was better",
            [.full(1, [100, 99, 98], [101, 102, 103]), .bbo(2, 98, 103)], "98b2 | 103b2"),
        Rule(
            "a better best level goes in front",
            [.full(1, [90, 89], [101, 102]), .bbo(2, 95, 99)], "95b2 90d1 89d1 | 99b2 101d1 102d1"),
        Rule(
            "a best level that crosses the other side's old levels removes them",
            [.full(1, [100, 99], [101, 102, 103]), .bbo(2, 102, 103)], "102b2 100d1 99d1 | 103b2"),
        Rule(
            "no best level means an empty side",
            [.full(1, [100, 99], [101, 102]), .bbo(2, nil, 101)], " | 101b2 102d1"),
        Rule(
            "a best level that left stays as it was last seen",
            [.bbo(1, 100, 110), .bbo(2, 101, 110), .bbo(3, 102, 110)], "102b3 101b2 100b1 | 110b3"),
        Rule(
            "an older full book fills in only what is deeper",
            [.bbo(5, 99, 103), .full(4, [100, 99, 98], [101, 103, 104])], "99b5 98d4 | 103b5 104d4"),
        Rule(
            "an older fast book lies between a newer best level and an older full book",
            [.full(1, [100, 99, 98, 97, 96, 95, 94], []), .bbo(3, 99, nil), .fast(2, [100, 99, 98, 97, 96], [])],
            "99b3 98f2 97f2 96f2 95d1 94d1 | "),
        Rule(
            "an older message that reaches no farther changes nothing",
            [
                .full(5, [100, 99], [101]), .fast(4, [100, 99, 98, 97, 96], [101]), .bbo(4, 50, 60), .full(3, [1], [2]),
            ],
            "100d5 99d5 | 101d5"),
        Rule(
            "of one time the deeper one counts, whichever comes first",
            [.bbo(1, 100, 101), .full(1, [99], [102]), .bbo(1, 100, 101)], "99d1 | 102d1"),
        Rule(
            "of one time the fast book counts above the best level",
            [.fast(1, [99, 98, 97, 96, 95], [102]), .bbo(1, 100, 101)], "99f1 98f1 97f1 96f1 95f1 | 102f1"),
        Rule(
            "of one time and feed the later arrival counts",
            [.bbo(1, 100, 101), .bbo(1, 99, 102)], "99b1 | 102b1"),
        Rule(
            "the two sides are judged apart",
            [.bbo(5, 100, nil), .full(4, [99], [101])], "100b5 99d4 | "),
    ]

    @Test(arguments: rules) func `a level comes from the newest message that covers its price`(rule: Rule) {
        #expect(OrderBook(rule.messages).shorthand == rule.book)
    }

    @Test func `a book does not depend on the order in which equal messages arrive`() {
        let messages: [BookMessage] = [
            .full(1, [100, 99, 98, 97], [101, 102, 103, 104]),
            .fast(2, [100, 99, 97, 96, 95], [101, 103, 104, 105, 106]),
            .bbo(3, 99, 103), .bbo(4, 101, 102),
        ]
        for order in permutations(of: messages) {
            #expect(OrderBook(order).shorthand == OrderBook(messages).shorthand, "\(order)")
        }
    }

    private func permutations(of messages: [BookMessage]) -> [[BookMessage]] {
        guard messages.count > 1 else { return [messages] }
        return messages.indices.flatMap { index in
            var rest = messages
            let first = rest.remove(at: index)
            return permutations(of: rest).map { [first] + $0 }
        }
    }
}
