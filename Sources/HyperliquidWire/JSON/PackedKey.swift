/// A name as the venue writes it before a decimal, `"BTC":"`, packed so that it is compared with two words.
struct PackedKey: Hashable, Sendable {
    private let first: UInt64
    /// The last eight bytes of more than eight; they overlap with the first ones.
    private let last: UInt64
    private let count: Int

    /// Nothing for a name that would need escapes or is longer than twelve bytes.
    init?(_ name: String) {
        let bytes = Array("\"\(name)\":\"".utf8)
        let isPlain = name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }
        guard isPlain, bytes.count <= 16 else { return nil }
        func pack(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        first = pack(bytes.prefix(8))
        last = pack(bytes.suffix(8))
        count = bytes.count
    }

    /// Moves past the key if it stands where `reader` does.
    @inline(__always) func take(from reader: inout StraightReader) -> Bool {
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
