/// A field's name in a message; compare it with a literal.
///
/// Names of up to 32 bytes, which covers every one the venue has, are held exactly and without allocation.
public struct FieldKey: Sendable {
    private let words: SIMD4<UInt64>
    private let count: Int
    private let long: String?

    init(_ reader: borrowing MessageReader, _ range: Range<Int>) {
        count = range.count
        guard count <= 32 else {
            words = .zero
            long = reader.text(range)
            return
        }
        var words = SIMD4<UInt64>()
        for index in 0..<4 where index * 8 < count {
            words[index] = reader.partialWord(at: range.lowerBound + index * 8, count: min(8, count - index * 8))
        }
        self.words = words
        long = nil
    }

    init(_ bytes: [UInt8]) {
        count = bytes.count
        words = bytes.count <= 32 ? FieldKey.pack(bytes) : .zero
        long = bytes.count <= 32 ? nil : String(decoding: bytes, as: UTF8.self)
    }

    private static func pack(_ bytes: some Collection<UInt8>) -> SIMD4<UInt64> {
        var words = SIMD4<UInt64>()
        for (index, byte) in bytes.enumerated() {
            words[index >> 3] |= UInt64(byte) << UInt64(8 * (index & 7))
        }
        return words
    }

    /// Whether the key is `literal`.
    public static func == (key: FieldKey, literal: StaticString) -> Bool {
        guard key.count == literal.utf8CodeUnitCount else { return false }
        if let long = key.long { return long == literal.description }
        for index in 0..<key.count {
            let byte = UInt8(truncatingIfNeeded: key.words[index >> 3] >> UInt64(8 * (index & 7)))
            guard unsafe literal.utf8Start[index] == byte else { return false }
        }
        return true
    }

    /// Lets a `switch` over a key name its cases by literals.
    public static func ~= (literal: StaticString, key: FieldKey) -> Bool { key == literal }

    /// The key as text.
    public var text: String {
        if let long { return long }
        return unsafe String(unsafeUninitializedCapacity: count) { bytes in
            for index in 0..<count {
                unsafe bytes[index] = UInt8(truncatingIfNeeded: words[index >> 3] >> UInt64(8 * (index & 7)))
            }
            return count
        }
    }
}

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
