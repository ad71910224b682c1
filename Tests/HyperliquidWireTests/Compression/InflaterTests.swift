import HyperliquidWire
import Testing

/// The inflater accepts and refuses the same inputs as zlib. The inputs are composed by hand, the results are zlib's.
@Suite("Inflater") struct InflaterTests {
    static let cases: [(rule: String, compressed: String, text: String?)] = [
        (
            "a code of one symbol, of one bit",
            "05e001040000000010000000000000000000000000000000000000000000000000000000000000000004", ""
        ),
        (
            "literals with a hole",
            "05e001040000004000000000000000000000000000080000000000000000000000000000000000000084", nil
        ),
        (
            "distances with a hole",
            "0de10108000000822000000000000000000000000000000000000000000000000020000000000000000000000000000000000000000000000000000000000000000000000000000000549900",
            nil
        ),
        (
            "one distance of one bit",
            "0de001080000008220000000000000000000000000000000000000000000000000200000000000000000000000000000000000000000000000000000000000000000000000000000009416",
            "aaaa"
        ),
        (
            "no distances, none used",
            "05e001040000000010000000000000000000000000080000000000000000000000000000000000000024", "a"
        ),
        (
            "code lengths with a hole",
            "05e0010800000000200000000000000000000000000000000000000000000000002000000000000000000000000000000000000000000000000000000000000000000000000000000088",
            nil
        ),
        ("too many codes", "05e001040000000010000000000000000000000000180000000000000000000000000000000000000004", nil),
        (
            "no end of block", "05e001040000000010000000000000000000000000180000000000000000000000000000000000000000",
            nil
        ),
        ("the distance that stands for none", "4b043e00", nil),
        ("the length that stands for none", "1b03", nil),
        ("a run that reads what it writes", "4b040200", "aaaa"),
        ("a distance before the start", "4b044200", nil),
        ("a stored block", "010200fdff6162", "ab"),
        ("a stored block with a wrong complement", "010200fdfe6162", nil),
        ("a kind of block that there is not", "07", nil),
        ("two blocks", "000100feff61010100feff62", "ab"),
        ("something behind the end", "010100feff6162", "a"),
        ("nothing at all", "", nil),
    ]

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8)
        return stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
    }

    @Test(arguments: cases)
    func `the inflater returns the same bytes as zlib`(_ rule: String, _ compressed: String, _ text: String?) {
        #expect(Inflater.inflate(Self.bytes(compressed)) == text.map { Array($0.utf8) }, "\(rule)")
    }

    @Test(arguments: cases.filter { $0.text != nil })
    func `the inflater returns no result for a truncated input`(_ rule: String, _ compressed: String, _ text: String?) {
        // Bytes behind the end are not read, so they may be missing.
        let bytes = Self.bytes(compressed).dropLast(rule == "something behind the end" ? 1 : 0)
        for count in 0..<bytes.count { #expect(Inflater.inflate(Array(bytes[..<count])) == nil, "\(rule): \(count)") }
    }

    @Test func `the inflater never exceeds its limit`() {
        let stored = Deflate.stored([UInt8](repeating: 7, count: 70_000))
        #expect(Inflater.inflate(stored, limit: 70_000)?.count == 70_000)
        #expect(Inflater.inflate(stored, limit: 69_999) == nil)
        // A short input that would become a long one.
        let runs = Self.runs(of: 100_000)
        #expect(runs.count < 1000)
        #expect(Inflater.inflate(runs, limit: 100_000)?.count == 100_000)
        #expect(Inflater.inflate(runs, limit: 99_999) == nil)
        #expect(Inflater.maximumByteCount == 4 << 20)
        let literals = Self.bytes("4b040200")
        #expect(Inflater.inflate(literals, limit: 4)?.count == 4)
        #expect(Inflater.inflate(literals, limit: 3) == nil)
    }

    /// `count` zeros: one literal, then runs of 258, then literals, in the fixed code.
    static func runs(of count: Int) -> [UInt8] {
        var bits: [Bool] = [true, true, false]
        func append(code: Int, _ length: Int) {
            for position in (0..<length).reversed() { bits.append(code >> position & 1 == 1) }
        }
        append(code: 0x30, 8)
        let runCount = (count - 1) / 258
        // Symbol 285, 258 bytes, with distance 1.
        for _ in 0..<runCount {
            append(code: 0b1100_0101, 8)
            append(code: 0, 5)
        }
        for _ in 0..<(count - 1) % 258 { append(code: 0x30, 8) }
        append(code: 0, 7)
        return stride(from: 0, to: bits.count, by: 8).map { start in
            (0..<8).reduce(0) { $0 | (start + $1 < bits.count && bits[start + $1] ? 1 << $1 : 0) }
        }
    }

    @Test(arguments: [
        ("", ""), ("Zg==", "f"), ("Zg", "f"), ("Zg=", nil), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar"),
        ("Z", nil), ("Zm9vY", nil), ("Zg===", nil), ("Z=g=", nil), ("Zm 9", nil), ("Zm-_", nil), ("=", nil),
        ("====", nil),
    ])
    func `base64 is decoded as RFC 4648 says`(_ text: String, _ decoded: String?) {
        #expect(Base64.decode(Array(text.utf8)) == decoded.map { Array($0.utf8) })
    }
}
