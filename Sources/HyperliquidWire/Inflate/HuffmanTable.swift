/// A canonical Huffman code (RFC 1951 section 3.2.2).
struct HuffmanTable: Sendable {
    /// How many codes have each length.
    private var counts = [Int](repeating: 0, count: 16)
    /// The symbols in the order of their codes.
    private var symbols: [UInt16]

    /// Makes the code in which symbol `i` has `lengths[i]` bits, 0 to 15; nothing when no such code exists.
    ///
    /// As zlib has it, a code with holes is refused, but for one of no symbols at all, whose use is a fault, and,
    /// unless `isComplete` is asked for, one of a single bit (a block with one distance).
    init?(_ lengths: [UInt8], isComplete: Bool = false) {
        for length in lengths { counts[Int(length)] += 1 }
        counts[0] = 0
        var free = 1
        for length in 1..<16 {
            free = free * 2 - counts[length]
            guard free >= 0 else { return nil }
        }
        let longest = counts.lastIndex { $0 != 0 } ?? 0
        guard free == 0 || longest == 0 || (longest == 1 && !isComplete) else { return nil }
        var offsets = [Int](repeating: 0, count: 17)
        for length in 1..<16 { offsets[length + 1] = offsets[length] + counts[length] }
        symbols = [UInt16](repeating: 0, count: offsets[16])
        for (symbol, length) in lengths.enumerated() where length != 0 {
            symbols[offsets[Int(length)]] = UInt16(symbol)
            offsets[Int(length)] += 1
        }
    }

    /// The next symbol, or nothing when the bits are no code or end.
    func decode(_ bits: inout BitReader) -> Int? {
        var code = 0
        var first = 0
        var index = 0
        for length in 1..<16 {
            guard let bit = bits.read(1) else { return nil }
            code |= Int(bit)
            let count = counts[length]
            if code - count < first { return Int(symbols[index + code - first]) }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        return nil
    }

    private init(fixed lengths: [UInt8]) {
        self = HuffmanTable(lengths) ?? HuffmanTable()
    }

    private init() {
        symbols = []
    }

    /// RFC 1951 section 3.2.6: literals and lengths.
    static let fixedLiterals = HuffmanTable(
        fixed: (0..<288).map { symbol in
            symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8
        })

    /// RFC 1951 section 3.2.6: distances; the last two of the 32 stand for none.
    static let fixedDistances = HuffmanTable(fixed: [UInt8](repeating: 5, count: 32))
}
