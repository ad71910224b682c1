/// Whether bytes are UTF-8: no overlong form, no surrogate, nothing beyond U+10FFFF.
enum UTF8Check {
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        let count = bytes.count
        while true {
            // Four words at once while everything is ASCII, which is nearly always.
            while index + 32 <= count {
                let words = unsafe bytes.loadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
                let any = (words[0] | words[1]) | (words[2] | words[3])
                guard any & 0x8080_8080_8080_8080 == 0 else { break }
                index += 32
            }
            while index < count, unsafe bytes[index] < 0x80 { index += 1 }
            guard index < count else { return true }
            guard let length = unsafe sequenceLength(bytes, at: index) else { return false }
            index += length
        }
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
