/// The XOR that hides a client's payloads from proxies (RFC 6455, section 5.3).
package enum Mask {
    /// Masks or unmasks in place; `key` is the four bytes as they lie in the frame.
    ///
    /// Four words at once, which a simulator of a busy venue would feel.
    package static func apply(_ key: UInt32, to bytes: UnsafeMutableRawBufferPointer) {
        let word = UInt64(key) << 32 | UInt64(key)
        let words = SIMD4<UInt64>(repeating: word)
        var index = 0
        while index + 32 <= bytes.count {
            let masked = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self) ^ words
            unsafe bytes.storeBytes(of: masked, toByteOffset: index, as: SIMD4<UInt64>.self)
            index += 32
        }
        while index + 4 <= bytes.count {
            let masked = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt32.self) ^ key
            unsafe bytes.storeBytes(of: masked, toByteOffset: index, as: UInt32.self)
            index += 4
        }
        var rest = UInt32(littleEndian: key)
        while index < bytes.count {
            unsafe bytes[index] ^= UInt8(truncatingIfNeeded: rest)
            rest >>= 8
            index += 1
        }
    }
}
