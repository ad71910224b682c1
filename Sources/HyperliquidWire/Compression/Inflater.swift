/// Decompresses raw DEFLATE (RFC 1951), without a zlib or gzip header.
///
/// Total: any bytes give a result or `nil`. The size of the result is limited, so that a small hostile message cannot
/// become a large one.
package struct Inflater {
    /// The default limit: more than sixty times the full state of a thousand coins.
    package static let maximumByteCount = 4 << 20

    private var bits: BitReader
    private var output: [UInt8] = []
    private let limit: Int

    private init(_ input: [UInt8], limit: Int) {
        bits = BitReader(input)
        self.limit = limit
    }

    /// The decompressed bytes of `input`; `nil` if it is damaged, or the result has more than `limit` bytes.
    package static func inflate(_ input: [UInt8], limit: Int = maximumByteCount) -> [UInt8]? {
        var inflater = Inflater(input, limit: limit)
        return inflater.readBlocks() ? inflater.output : nil
    }

    private mutating func readBlocks() -> Bool {
        while true {
            guard let isLast = bits.read(1), let kind = bits.read(2) else { return false }
            let isRead =
                switch kind {
                case 0: readStored()
                case 1: readCompressed(HuffmanTable.fixedLiterals, HuffmanTable.fixedDistances)
                case 2: readDynamic()
                default: false
                }
            guard isRead else { return false }
            if isLast == 1 { return true }
        }
    }

    private mutating func readStored() -> Bool {
        bits.alignToByte()
        guard let count = bits.read(16), let complement = bits.read(16), count ^ complement == 0xffff,
            output.count + Int(count) <= limit, let bytes = bits.readBytes(Int(count))
        else { return false }
        output.append(contentsOf: bytes)
        return true
    }

    private mutating func readCompressed(_ literals: HuffmanTable, _ distances: HuffmanTable) -> Bool {
        while true {
            guard let symbol = literals.decode(&bits) else { return false }
            if symbol < 256 {
                guard output.count < limit else { return false }
                output.append(UInt8(symbol))
                continue
            }
            if symbol == 256 { return true }
            guard copyEarlier(lengthSymbol: symbol - 257, distances) else { return false }
        }
    }

    /// Repeats bytes from `distance` before the end. The copy may overlap its own output.
    private mutating func copyEarlier(lengthSymbol: Int, _ distances: HuffmanTable) -> Bool {
        guard lengthSymbol < Self.lengths.count,
            let lengthExtra = bits.read(Self.lengths[lengthSymbol].extraBitCount),
            let distanceSymbol = distances.decode(&bits), distanceSymbol < Self.distances.count,
            let distanceExtra = bits.read(Self.distances[distanceSymbol].extraBitCount)
        else { return false }
        let length = Self.lengths[lengthSymbol].base + Int(lengthExtra)
        let distance = Self.distances[distanceSymbol].base + Int(distanceExtra)
        guard distance <= output.count, output.count + length <= limit else { return false }
        for _ in 0..<length { output.append(output[output.count - distance]) }
        return true
    }

    private mutating func readDynamic() -> Bool {
        guard let literalRest = bits.read(5), let distanceRest = bits.read(5), let codeRest = bits.read(4) else {
            return false
        }
        let (literalCount, distanceCount) = (Int(literalRest) + 257, Int(distanceRest) + 1)
        guard literalCount <= 286, distanceCount <= 30 else { return false }
        var codeLengths = [UInt8](repeating: 0, count: 19)
        for index in 0..<Int(codeRest) + 4 {
            guard let length = bits.read(3) else { return false }
            codeLengths[Self.codeLengthOrder[index]] = UInt8(length)
        }
        guard let codes = HuffmanTable(codeLengths, isComplete: true),
            let lengths = readCodeLengths(codes, count: literalCount + distanceCount),
            lengths[256] != 0, let literals = HuffmanTable(Array(lengths[..<literalCount])),
            let distances = HuffmanTable(Array(lengths[literalCount...]))
        else { return false }
        return readCompressed(literals, distances)
    }

    private mutating func readCodeLengths(_ codes: HuffmanTable, count: Int) -> [UInt8]? {
        var lengths: [UInt8] = []
        while lengths.count < count {
            guard let symbol = codes.decode(&bits) else { return nil }
            if symbol < 16 {
                lengths.append(UInt8(symbol))
                continue
            }
            guard symbol != 16 || !lengths.isEmpty else { return nil }
            let repeated = symbol == 16 ? lengths[lengths.count - 1] : 0
            let (base, extraBitCount) = symbol == 16 ? (3, 2) : symbol == 17 ? (3, 3) : (11, 7)
            guard let extra = bits.read(extraBitCount), lengths.count + base + Int(extra) <= count else { return nil }
            lengths.append(contentsOf: repeatElement(repeated, count: base + Int(extra)))
        }
        return lengths
    }

    private typealias Span = (base: Int, extraBitCount: Int)

    /// RFC 1951 section 3.2.5: symbols 257 to 285.
    private static let lengths: [Span] = [
        (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2),
        (23, 2), (27, 2), (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5),
        (163, 5), (195, 5), (227, 5), (258, 0),
    ]

    /// RFC 1951 section 3.2.5: distance symbols 0 to 29.
    private static let distances: [Span] = [
        (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5),
        (97, 5), (129, 6), (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10),
        (3073, 10), (4097, 11), (6145, 11), (8193, 12), (12289, 12), (16385, 13), (24577, 13),
    ]

    /// RFC 1951 section 3.2.7.
    private static let codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
}

/// A canonical Huffman code (RFC 1951 section 3.2.2).
private struct HuffmanTable: Sendable {
    /// The number of codes of each length.
    private var counts = [Int](repeating: 0, count: 16)
    /// The symbols in the order of their codes.
    private var symbols: [UInt16]

    /// Creates the code in which symbol `i` has `lengths[i]` bits, 0 to 15; `nil` if there is no such code.
    ///
    /// Like zlib, refuses an incomplete code. Exceptions are a code without symbols, whose use is a fault, and,
    /// unless `isComplete` is set, a code with a single one-bit symbol (a block with one distance).
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

    /// The next symbol; `nil` if the bits are no code or end.
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

    /// RFC 1951 section 3.2.6: distances. The last two of the 32 symbols are unused.
    static let fixedDistances = HuffmanTable(fixed: [UInt8](repeating: 5, count: 32))
}

/// Reads the bits of a byte array, the lowest bit of each byte first.
struct BitReader {
    private let bytes: [UInt8]
    private var position = 0
    private var held: UInt64 = 0
    private var heldCount = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next `count` bits, at most 16, the first one in the least significant place; `nil` past the end.
    mutating func read(_ count: Int) -> UInt64? {
        while heldCount < count {
            guard position < bytes.count else { return nil }
            held |= UInt64(bytes[position]) << UInt64(heldCount)
            position += 1
            heldCount += 8
        }
        let value = held & ((1 << UInt64(count)) - 1)
        held >>= UInt64(count)
        heldCount -= count
        return value
    }

    /// Drops the rest of a partly read byte. No whole byte is ever buffered, because bytes are taken only as needed.
    mutating func alignToByte() {
        held = 0
        heldCount = 0
    }

    /// The next `count` whole bytes; `nil` past the end.
    mutating func readBytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
