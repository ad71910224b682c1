/// Raw DEFLATE to bytes (RFC 1951): no zlib or gzip header.
///
/// Total: any bytes give a text or nothing. The result never grows beyond a bound, so that a small hostile
/// message cannot become a large one.
package struct Inflater {
    /// More than sixty times the full map of a thousand coins.
    package static let maximumByteCount = 4 << 20

    private var bits: BitReader
    private var output: [UInt8] = []
    private let limit: Int

    private init(_ input: [UInt8], limit: Int) {
        bits = BitReader(input)
        self.limit = limit
    }

    /// The bytes that `input` holds compressed, or nothing when it is damaged, or longer than `limit` bytes.
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

    /// Repeats what stands `distance` bytes before the end; it may run into what it writes itself.
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
