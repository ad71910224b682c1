/// The hash of a transaction or block: 32 bytes, written as `0x` and 64 hexadecimal digits.
///
/// All zero for fills that no transaction of the user made (TWAP slices, system fills).
public struct TransactionHash: ReplayKey, CustomStringConvertible {
    // Four words instead of a vector, whose alignment of 32 bytes would turn every array of rows into an aligned
    // allocation and add padding to each row.
    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// Creates a hash from its bytes, the first ones in `first`.
    package init(_ first: UInt64, _ second: UInt64, _ third: UInt64, _ fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// Reads `0x` and 64 hexadecimal digits; `nil` for anything else.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        guard digits.count == 66, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x"),
            let first = Hexadecimal.word(digits, at: 2, count: 16),
            let second = Hexadecimal.word(digits, at: 18, count: 16),
            let third = Hexadecimal.word(digits, at: 34, count: 16),
            let fourth = Hexadecimal.word(digits, at: 50, count: 16)
        else { return nil }
        self.init(first, second, third, fourth)
    }

    /// Whether all bytes are zero, which means that no transaction of the user is behind it.
    public var isZero: Bool { first | second | third | fourth == 0 }

    /// The hash in lower case.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    var words: (UInt64, UInt64, UInt64, UInt64) { (first, second, third, fourth) }

    func append(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "0"))
        bytes.append(UInt8(ascii: "x"))
        for word in [first, second, third, fourth] { Hexadecimal.append(word, digitCount: 16, to: &bytes) }
    }
}
