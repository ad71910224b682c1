/// An account's address: 20 bytes, written as `0x` and 40 hexadecimal digits.
///
/// Case does not matter; it is written in lower case, as the venue does.
public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    let high: UInt64
    let middle: UInt64
    let low: UInt32

    init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// Reads `0x` and 40 hexadecimal digits.
    /// - Throws: ``FeedParameterError`` when `text` is anything else.
    public init(_ text: String) throws(FeedParameterError) {
        let digits = Array(text.utf8)
        guard digits.count == 42, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x"),
            let high = Hexadecimal.word(digits, at: 2, count: 16),
            let middle = Hexadecimal.word(digits, at: 18, count: 16),
            let low = Hexadecimal.word(digits, at: 34, count: 8)
        else {
            throw FeedParameterError(
                parameter: "user", problem: "'\(text)' is no address",
                remedy: "write 0x and 40 hexadecimal digits, for example 0x1111111111111111111111111111111111111111")
        }
        self.init(high: high, middle: middle, low: UInt32(truncatingIfNeeded: low))
    }

    /// The address in lower case.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "x"))
        Hexadecimal.append(high, digitCount: 16, to: &bytes)
        Hexadecimal.append(middle, digitCount: 16, to: &bytes)
        Hexadecimal.append(UInt64(low), digitCount: 8, to: &bytes)
    }

    /// Orders by the bytes of the address.
    public static func < (lhs: Address, rhs: Address) -> Bool {
        (lhs.high, lhs.middle, lhs.low) < (rhs.high, rhs.middle, rhs.low)
    }
}

/// The hash of a transaction or block: 32 bytes, written as `0x` and 64 hexadecimal digits.
///
/// All zero for fills that no transaction of the user made (TWAP slices, system fills).
public struct TransactionHash: Hashable, Sendable, CustomStringConvertible {
    let words: SIMD4<UInt64>

    init(words: SIMD4<UInt64>) {
        self.words = words
    }

    /// Reads `0x` and 64 hexadecimal digits.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 66, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x") else {
            return nil
        }
        var words = SIMD4<UInt64>()
        for index in 0..<4 {
            guard let word = Hexadecimal.word(digits, at: 2 + 16 * index, count: 16) else { return nil }
            words[index] = word
        }
        self.words = words
    }

    /// Whether no transaction of the user stands behind it.
    public var isZero: Bool { words == .zero }

    /// The hash in lower case.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "x"))
        for index in 0..<4 { Hexadecimal.append(words[index], digitCount: 16, to: &bytes) }
    }
}

/// Hexadecimal digits to words and back.
enum Hexadecimal {
    static func word(_ digits: [UInt8], at start: Int, count: Int) -> UInt64? {
        var word: UInt64 = 0
        for byte in digits[start..<start + count] {
            guard let digit = digitValue(byte) else { return nil }
            word = word << 4 | digit
        }
        return word
    }

    static func digitValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    static func append(_ word: UInt64, digitCount: Int, to bytes: inout [UInt8]) {
        for index in (0..<digitCount).reversed() {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(4 * index)) & 0xf
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
