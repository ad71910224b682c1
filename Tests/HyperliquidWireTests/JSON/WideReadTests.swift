import HyperliquidWire
import TestPacing
import Testing

/// Reads of eight bytes at a time agree with the plain rules at every length and position.
@Suite("Wide reads", .computing) struct WideReadTests {
    static let seeds = Array(0..<10 as Range<UInt64>)

    /// The decimal behind the quote in `bytes`, by the plain rules of ``ExactDecimal/init(_:)``.
    static func plainDecimal(_ bytes: [UInt8]) -> ExactDecimal? {
        guard bytes.first == UInt8(ascii: "\""), let end = bytes.dropFirst().firstIndex(of: UInt8(ascii: "\"")) else {
            return nil
        }
        return ExactDecimal(String(decoding: bytes[1..<end], as: UTF8.self))
    }

    @Test(arguments: seeds)
    func `wide reads of decimals agree with the plain rules`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let alphabet = Array("00123456789.-\"".utf8) + [0x2f, 0x3a, 0x80, 0xb0, 0x00, 0x5c]
        for round in 0..<20_000 {
            var bytes = Array("\"".utf8)
            let isPlausible = round % 4 != 0
            for _ in 0..<Int.random(in: 0...20, using: &generator) {
                let choice = Int.random(in: 0..<(isPlausible ? 11 : alphabet.count), using: &generator)
                bytes.append(alphabet[choice])
            }
            if isPlausible, bytes.count > 2, Bool.random(using: &generator) {
                bytes.insert(UInt8(ascii: "."), at: Int.random(in: 1..<bytes.count, using: &generator))
            }
            if isPlausible, Int.random(in: 0..<8, using: &generator) == 0 { bytes.insert(UInt8(ascii: "-"), at: 1) }
            bytes.append(UInt8(ascii: "\""))
            let padding = [UInt8](repeating: 0x20, count: Int.random(in: 0...20, using: &generator))
            let expected = bytes.contains(0x5c) ? nil : Self.plainDecimal(bytes)
            let read = try? withReader(bytes + padding) { (reader) throws(DecodingFault) in
                let decimal = try reader.readDecimal()
                return (decimal, reader.byteOffset)
            }
            if bytes.contains(0x5c) { continue }
            #expect(
                read?.0.description == expected?.description, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            if let read { #expect(read.1 == bytes.dropFirst().firstIndex(of: UInt8(ascii: "\"")).map { $0 + 1 }) }
        }
    }

    @Test(arguments: seeds)
    func `wide reads of texts end where the plain rules say`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<5000 {
            var scalars = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...40, using: &generator) {
                let kinds: [Unicode.Scalar] = [
                    "a", "Z", "~", " ", "!", "é", "\u{1F600}", "\"", "\\", "\n", "\u{1f}", "#", "[",
                ]
                let plain = Int.random(in: 0..<20, using: &generator) != 0
                scalars.append(kinds[Int.random(in: 0..<(plain ? 5 : kinds.count), using: &generator)])
            }
            let text = String(scalars)
            let bytes = Array(encoded(text).utf8)
            let read = try? withReader(bytes) { (reader) throws(DecodingFault) in
                let text = try reader.readString()
                return (text, reader.byteOffset)
            }
            #expect(read?.0 == text, "seed \(seed)")
            #expect(read?.1 == bytes.count, "seed \(seed)")
        }
    }

    @Test(arguments: seeds)
    func `wide reads of hexadecimal digits agree with the plain rules`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<5000 {
            var digits = (0..<40).map { _ in Array("0123456789abcdefABCDEF".utf8).randomElement(using: &generator) ?? 0
            }
            if Bool.random(using: &generator) {
                digits[Int.random(in: 0..<40, using: &generator)] = UInt8.random(in: 0x20...0x7f, using: &generator)
            }
            let text = "0x" + String(decoding: digits, as: UTF8.self)
            let expected = digits.contains(0x22) || digits.contains(0x5c) ? nil : try? Address(text)
            let read = try? withReader("\"\(text)\"") { (reader) throws(DecodingFault) in try reader.readAddress() }
            #expect(read == expected, "seed \(seed): \(text)")
            #expect(read == nil || read?.description == text.lowercased())
        }
    }

    @Test(arguments: seeds)
    func `wide reads of integers agree with the plain rules`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<5000 {
            let digitCount = Int.random(in: 1...21, using: &generator)
            let sign = Int.random(in: 0..<3, using: &generator) == 0 ? "-" : ""
            let digits = (0..<digitCount).map { _ in String(Int.random(in: 0...9, using: &generator)) }.joined()
            let hasLeadingZero = digitCount > 1 && digits.hasPrefix("0")
            let padding = String(repeating: " ", count: Int.random(in: 0...20, using: &generator))
            let read = try? withReader(sign + digits + padding) { (reader) throws(DecodingFault) in
                try reader.readInteger()
            }
            #expect(read == (hasLeadingZero ? nil : Int64(sign + digits)), "seed \(seed): \(sign)\(digits)")
        }
        for text in ["9223372036854775807", "-9223372036854775808", "0", "-0"] {
            #expect(
                (try? withReader(text) { (reader) throws(DecodingFault) in try reader.readInteger() }) == Int64(text))
        }
        for text in ["9223372036854775808", "-9223372036854775809", "1.0", "1e3", "-", "", "+1", "01"] {
            #expect((try? withReader(text) { (reader) throws(DecodingFault) in try reader.readInteger() }) == nil)
        }
    }
}
