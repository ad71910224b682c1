extension MessageReader {
    /// Reads an address.
    public mutating func readAddress() throws(DecodingFault) -> Address {
        let words = try readHexadecimal(digitCount: 40)
        return Address(high: words.0, middle: words.1, low: UInt32(truncatingIfNeeded: words.2))
    }

    /// Reads the hash of a transaction or block.
    public mutating func readHash() throws(DecodingFault) -> TransactionHash {
        let words = try readHexadecimal(digitCount: 64)
        return TransactionHash(words.0, words.1, words.2, words.3)
    }

    private mutating func readHexadecimal(
        digitCount: Int
    ) throws(DecodingFault) -> (UInt64, UInt64, UInt64, UInt64) {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        if let words = scanHexadecimal(digitCount: digitCount) { return words }
        // Anything unusual is read by the plain rules: escapes, another length, no digits.
        let opening = cursor
        let digits = Array(try readString().utf8)
        guard digits.count == digitCount + 2, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x")
        else { throw DecodingFault(.invalidIdentifier, at: opening) }
        var words: SIMD4<UInt64> = .zero
        for index in 0..<4 where index * 16 < digitCount {
            let count = min(16, digitCount - index * 16)
            guard let word = Hexadecimal.word(digits, at: 2 + index * 16, count: count) else {
                throw DecodingFault(.invalidIdentifier, at: opening)
            }
            words[index] = word
        }
        return (words[0], words[1], words[2], words[3])
    }

    /// Moves past `"0x`, `digitCount` digits and the closing quote, or does not move and gives nothing.
    private mutating func scanHexadecimal(digitCount: Int) -> (UInt64, UInt64, UInt64, UInt64)? {
        let start = cursor + 3
        guard start + digitCount < byteCount, byte(at: cursor + 1) == UInt8(ascii: "0"),
            byte(at: cursor + 2) | 0x20 == UInt8(ascii: "x"), byte(at: start + digitCount) == UInt8(ascii: "\"")
        else { return nil }
        var words: SIMD4<UInt64> = .zero
        for index in 0..<4 where index * 16 < digitCount {
            guard let upper = Hexadecimal.eightDigits(word(at: start + index * 16)) else { return nil }
            guard digitCount - index * 16 >= 16 else {
                words[index] = upper
                break
            }
            guard let lower = Hexadecimal.eightDigits(word(at: start + index * 16 + 8)) else { return nil }
            words[index] = upper << 32 | lower
        }
        cursor = start + digitCount + 1
        return (words[0], words[1], words[2], words[3])
    }
}
