/// Whether bytes are UTF-8: no overlong form, no surrogate, nothing beyond U+10FFFF.
package enum UTF8Check {
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if unsafe isASCII(bytes) { return true }
        let count = bytes.count
        var index = 0
        while true {
            index = unsafe asciiEnd(bytes, from: index)
            guard index < count else { return true }
            guard let length = unsafe sequenceLength(bytes, at: index) else { return false }
            index += length
        }
    }

    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Whether `bytes` are at least 32 ASCII bytes, as nearly every message is. The high bits are gathered over the whole
    /// message and tested once: a test per 64 bytes costs as much as their loads.
    @inline(__always) private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let count = bytes.count
        guard count >= 32 else { return false }
        func words(_ index: Int) -> SIMD4<UInt64> {
            unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
        }
        var seen = words(count &- 32)
        var index = 0
        while index <= count &- 128 {
            seen |= words(index) | words(index &+ 32) | words(index &+ 64) | words(index &+ 96)
            index &+= 128
        }
        while index <= count &- 32 {
            seen |= words(index)
            index &+= 32
        }
        let pair = seen.lowHalf | seen.highHalf
        return (pair[0] | pair[1]) & highBits == 0
    }

    /// The end of the ASCII bytes that begin at `start`.
    private static func asciiEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let count = bytes.count
        var index = start
        while index + 8 <= count, unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits == 0 {
            index += 8
        }
        while index < count, unsafe bytes[index] < 0x80 { index += 1 }
        return index
    }

    /// The length of the multi-byte sequence at `index`; `nil` if it is invalid.
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
        let lead = unsafe bytes[index]
        let rest = bytes.count - index
        func isContinuation(_ offset: Int) -> Bool {
            let byte = unsafe bytes[index + offset]
            return byte & 0xc0 == 0x80
        }
        switch lead {
        case 0xc2...0xdf:
            return rest >= 2 && isContinuation(1) ? 2 : nil
        case 0xe0...0xef:
            guard rest >= 3, isContinuation(1), isContinuation(2) else { return nil }
            let second = unsafe bytes[index + 1]
            if lead == 0xe0 && second < 0xa0 || lead == 0xed && second > 0x9f { return nil }
            return 3
        case 0xf0...0xf4:
            guard rest >= 4, isContinuation(1), isContinuation(2), isContinuation(3) else { return nil }
            let second = unsafe bytes[index + 1]
            if lead == 0xf0 && second < 0x90 || lead == 0xf4 && second > 0x8f { return nil }
            return 4
        default:
            return nil
        }
    }
}
