/// The coins that a connection has seen: each name becomes a `Coin` once. Bound to the connection's loop.
public final class NameTable {
    private struct Slot {
        var low: UInt64
        var high: UInt64
        var count: Int
        var coin: Coin
    }

    // A name stands in one of the few slots from its own on; with all of them taken it only costs another its place.
    // Unchecked: a look-up calls nothing, and a check was more than half of it.
    @exclusivity(unchecked) private var slots: [Slot?]
    private static let slotCount = 2048
    private static let probeCount = 8

    /// An empty table.
    public init() {
        unsafe slots = Array(repeating: nil, count: Self.slotCount)
    }

    /// The coin of that name, of up to 16 bytes.
    func coin(_ low: UInt64, _ high: UInt64, count: Int) -> Coin {
        let mixed = (low ^ high &* 0x9e37_79b9_7f4a_7c15) &* 0xff51_afd7_ed55_8ccd
        let first = Int(truncatingIfNeeded: mixed >> 53)
        var index = first
        while let slot = unsafe slots[index] {
            if slot.low == low, slot.high == high, slot.count == count { return slot.coin }
            index = (index &+ 1) & (Self.slotCount &- 1)
            if index == (first &+ Self.probeCount) & (Self.slotCount &- 1) {
                index = first
                break
            }
        }
        var bytes: [UInt8] = []
        for offset in 0..<count {
            let word = offset < 8 ? low : high
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * (offset & 7))))
        }
        let coin = Coin(String(decoding: bytes, as: UTF8.self))
        unsafe slots[index] = Slot(low: low, high: high, count: count, coin: coin)
        return coin
    }
}
