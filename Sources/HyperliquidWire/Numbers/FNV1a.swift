/// The hash function FNV-1a, over words or over the bytes of a text.
///
/// For looking up values that nobody chooses in order to make them collide.
package struct FNV1a {
    /// The hash of everything mixed in so far.
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// Creates the hash of nothing.
    package init() {}

    /// Mixes in one word.
    @inline(__always) package mutating func mix(_ word: UInt64) { value = (value ^ word) &* 0x0000_0100_0000_01b3 }

    /// Mixes in the bytes of a text.
    package mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
    }
}
