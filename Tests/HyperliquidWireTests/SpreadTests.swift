import HyperliquidWire
import Testing

@Suite("Spread of route keys") struct SpreadTests {
    @Test(arguments: ["COIN", "xyz:STOCK", "@", "0x00000000000000000000000000000000000"])
    func `a thousand keys that differ at their end find places of their own`(prefix: String) {
        let places = Set((1...1000).map { RouteKey(["\(prefix)\($0)"]).spread & 4095 })
        // By chance 887 of 4096 places would be taken.
        #expect(places.count > 800, "\(places.count) places")
    }
}
