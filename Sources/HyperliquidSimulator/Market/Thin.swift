package import HyperliquidWire

package struct MarketRates: Hashable, Sendable { package static let venue = MarketRates() }
package enum MarketSize: Hashable, Sendable { case full, small }
package struct StreamCursor: Hashable, Sendable {
    var time: Int64
    package init(atMilliseconds: Int64) { time = atMilliseconds }
}
package struct Market: Sendable {
    package enum Problem { case poison, invalid, unreadable, dead }
    package private(set) var nowMilliseconds: Int64
    var generator: SplitMix64
    package init(seed: UInt64, startMilliseconds: Int64, rates: MarketRates, size: MarketSize) {
        nowMilliseconds = startMilliseconds
        generator = SplitMix64(seed: seed)
    }
    package mutating func advance(toMilliseconds time: Int64) { nowMilliseconds = max(nowMilliseconds, time) }
    package func problem(with request: FeedRequest) -> Problem? { request.text("coin") == "btc" ? .poison : nil }
    package mutating func firstMessages(of request: FeedRequest) -> [[UInt8]] { [] }
    package mutating func messages(of request: FeedRequest, cursor: inout StreamCursor) -> [[UInt8]] {
        cursor.time = nowMilliseconds
        return [Array(#"{"channel":"trades","data":[{"coin":"\#(request.text("coin"))","side":"A","px":"64000.0","sz":"0.01","time":\#(nowMilliseconds),"hash":"0x5c0e000000000000000000000000000000000000000000000000000000000001","tid":\#(generator.next() >> 16),"users":["0x1111111111111111111111111111111111111111","0x2222222222222222222222222222222222222222"]}]}"#.utf8)]
    }
    package func nextDue(of request: FeedRequest, cursor: StreamCursor) -> Int64 { cursor.time + 500 }
    package mutating func answer(info: FeedRequest) -> [UInt8]? { nil }
}
