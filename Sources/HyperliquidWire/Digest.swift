/// FNV-1a, over words or over a text's bytes. For looking up what nobody makes to collide.
package struct Digest {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    @inline(__always) package mutating func mix(_ word: UInt64) { value = (value ^ word) &* 0x0000_0100_0000_01b3 }

    package mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(UInt64(byte)) }
    }
}
