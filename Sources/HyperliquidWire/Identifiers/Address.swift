/// The address of an account: 20 bytes, written as `0x` and 40 hexadecimal digits.
///
/// Case does not matter when it is read; it is written in lower case, as the venue does.
public struct Address: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let middle: UInt64
    package let low: UInt32

    /// Creates an address from its bytes, the first ones in `high`.
    package init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// Reads `0x` and 40 hexadecimal digits.
    /// - Throws: ``FeedParameterError`` if `text` is anything else.
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

extension Address {
    /// 0x1111…: an address for examples.
    package static let example = Address(
        high: 0x1111_1111_1111_1111, middle: 0x1111_1111_1111_1111, low: 0x1111_1111)
}
