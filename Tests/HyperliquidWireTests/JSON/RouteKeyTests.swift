import HyperliquidWire
import Testing

@Suite("Spread of route keys") struct RouteKeyTests {
    @Test(arguments: ["COIN", "xyz:STOCK", "@", "0x00000000000000000000000000000000000"])
    func `a thousand keys that differ at their end spread over the slots of a table`(prefix: String) {
        let slots = Set((1...1000).map { _RouteKey(["\(prefix)\($0)"]).spread & 4095 })
        // A random function would use 887 of 4096 slots.
        #expect(slots.count > 800, "\(slots.count) slots")
    }
}
