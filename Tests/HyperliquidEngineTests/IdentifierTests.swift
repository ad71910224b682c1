import HyperliquidEngine
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: [1, 2, 3, 8, 64, 1000, 4096] as [UInt64])
    func `identifiers at any distance are spread over a hash table`(
        _ stride: UInt64
    ) {
        for seed in [0, 1, -77, 0x5eed_0f57_0e1d] {
            let indices = Set(
                (1...1000 as ClosedRange<UInt64>).map { UpstreamID($0 * stride)._rawHashValue(seed: seed) & 4095 })
            // By chance it would be 887.
            #expect(indices.count > 750)
        }
    }

    @Test func `equal identifiers are one key and different ones are not`() {
        var table: [ConnectionID: Int] = [:]
        for number in 0..<500 { table[ConnectionID(UInt64(number))] = number }
        #expect(table.count == 500)
        #expect((0..<500).allSatisfy { table[ConnectionID(UInt64($0))] == $0 })
        #expect(table[ConnectionID(500)] == nil)
    }
}
