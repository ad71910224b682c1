/// Whether bytes are UTF-8: no overlong form, no surrogate, nothing beyond U+10FFFF.
package enum UTF8Check {
    package static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
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

    /// Where the ASCII that begins at `start` ends. Eight words at once, then one, then the last eight bytes again:
    /// nearly every message is ASCII from end to end, and is passed at the speed of memory.
    @inline(__always)
    private static func asciiEnd(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        let count = bytes.count
        var index = start
        while index + 64 <= count {
            let first = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            let second = unsafe bytes.loadUnaligned(fromByteOffset: index + 32, as: SIMD4<UInt64>.self)
            let words = first | second
            let pair = words.lowHalf | words.highHalf
            guard (pair[0] | pair[1]) & highBits == 0 else { break }
            index += 64
        }
        while index + 8 <= count, unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & highBits == 0 {
            index += 8
        }
        if index < count, index + 8 > count, count >= 8,
            unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) & highBits == 0
        {
            return count
        }
        while index < count, unsafe bytes[index] < 0x80 { index += 1 }
        return index
    }

    /// The length of the multi-byte sequence at `index`; nothing when it is none.
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
