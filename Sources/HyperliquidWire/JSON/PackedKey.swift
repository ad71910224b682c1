/// A name as the venue writes it before a decimal, `"BTC":"`, packed so that it is compared with two words.
struct PackedKey: Hashable, Sendable {
    private let first: UInt64
    /// The last eight bytes of more than eight; they overlap with the first ones.
    private let last: UInt64
    private let count: Int

    /// Nothing for a name that would need escapes or is longer than twelve bytes.
    init?(_ name: String) {
        guard name.utf8.count <= 12 else { return nil }
        // The quote before the name, the first byte in the lowest place.
        var written: UInt128 = 0x22
        var count = 1
        for byte in name.utf8 {
            guard byte >= 0x20, byte < 0x7f, byte != 0x22, byte != 0x5c else { return nil }
            written |= UInt128(byte) << UInt128(8 * count)
            count += 1
        }
        // `":"` behind it.
        written |= 0x22_3a_22 << UInt128(8 * count)
        self.count = count + 3
        first = UInt64(truncatingIfNeeded: written)
        last = UInt64(truncatingIfNeeded: written >> UInt128(8 * max(self.count - 8, 0)))
    }

    /// Moves past the key if it stands where `reader` does.
    @inline(__always) func take(from reader: inout FastPathReader) -> Bool {
        let word = reader.word(at: reader.position)
        if count < 8 {
            guard (word ^ first) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count) == 0 else { return false }
        } else {
            guard word == first, reader.word(at: reader.position &+ count &- 8) == last else { return false }
        }
        reader.position &+= count
        return true
    }
}
