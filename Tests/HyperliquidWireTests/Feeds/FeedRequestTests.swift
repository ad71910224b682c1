import HyperliquidWire
import Testing

@Suite("Feed requests") struct FeedRequestTests {
    private let one = FeedRequest.Value.integer(1)
    private let two = FeedRequest.Value.integer(2)

    @Test func `a request orders its fields: the coin, the user, then by name`() {
        let fields =
            [("zeta", .integer(1)), ("user", "0xAB"), ("alpha", .integer(2)), ("coin", "BTC")]
            as [(String, FeedRequest.Value)]
        let request = FeedRequest(type: "t", fields: fields)
        #expect(request.description == #"{"type":"t","coin":"BTC","user":"0xab","alpha":2,"zeta":1}"#)
        #expect(request == FeedRequest(type: "t", fields: fields.reversed()))
        #expect(request.hashValue == FeedRequest(type: "t", fields: fields.reversed()).hashValue)
    }

    @Test func `a request uses the last value of a field, even a default one`() {
        let request = FeedRequest(
            type: "t",
            fields: [("a", one), ("b", one), ("a", two), ("b", .null), ("c", ""), ("d", .boolean(false))])
        #expect(request == FeedRequest(type: "t", fields: [("a", two)]))
    }

    @Test func `requests that differ in any field are different`() {
        let requests = [
            FeedRequest(type: "t"), FeedRequest(type: "u"), FeedRequest(type: "t", fields: [("a", one)]),
            FeedRequest(type: "t", fields: [("a", two)]), FeedRequest(type: "t", fields: [("a", "1")]),
            FeedRequest(type: "t", fields: [("b", one)]), FeedRequest(type: "t", fields: [("a", .boolean(true))]),
            FeedRequest(type: "ta", fields: [("b", one)]), FeedRequest(type: "t", fields: [("a", one), ("b", one)]),
        ]
        #expect(Set(requests).count == requests.count)
        #expect(Set(requests.map(\.hashValue)).count == requests.count)
    }
}
