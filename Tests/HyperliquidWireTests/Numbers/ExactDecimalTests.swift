import HyperliquidWire
import TestPacing
import Testing

@Suite("Exact decimals", .computing) struct ExactDecimalTests {
    static let seeds = Array(0..<20 as Range<UInt64>)

    /// A decimal text with `digitCount` digits, the point anywhere but at an end.
    static func text(digitCount: Int, using generator: inout some RandomNumberGenerator) -> String {
        var digits = (0..<digitCount).map { _ in UInt8.random(in: 48...57, using: &generator) }
        let integerCount = Int.random(in: 1...digitCount, using: &generator)
        if integerCount > 1, digits[0] == 48 { digits[0] = 49 }
        if integerCount < digitCount { digits.insert(UInt8(ascii: "."), at: integerCount) }
        let sign = Bool.random(using: &generator) ? "-" : ""
        return sign + String(decoding: digits, as: UTF8.self)
    }

    @Test(arguments: seeds)
    func `a decimal keeps every digit of its text`(_ seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for digitCount in 1...35 {
            for _ in 0..<40 {
                let text = Self.text(digitCount: digitCount, using: &generator)
                let decimal = try #require(ExactDecimal(text), "seed \(seed): \(text)")
                #expect(decimal.description == text, "seed \(seed)")
                #expect(ExactDecimal(mantissa: decimal.mantissa, scale: decimal.scale) == decimal, "\(text)")
                let read = try withReader("\"\(text)\" ") { (reader) throws(DecodingFault) in
                    try reader.readDecimal()
                }
                #expect(read.description == text, "seed \(seed)")
            }
        }
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "-.5", "+1", "1e5", "1E5", "0x1", "01", "00", "-01", "00.5", "1.2.3", "1..2",
        "1,5",
        " 1", "1 ", "--1", "1-", "NaN", "inf", "٣", "1\u{0}", "123456789012345678901234567890123456",
        "0.123456789012345678901234567890123456", "1234567a", "12345678a", "1234567/", "123456:8", "a2345678",
    ])
    func `a text that is no decimal is refused`(_ text: String) {
        #expect(ExactDecimal(text) == nil)
        let fault = #expect(throws: DecodingFault.self) {
            try withReader("\"\(text)\"          ") { (reader) throws(DecodingFault) in try reader.readDecimal() }
        }
        #expect(fault != nil)
    }

    @Test func `a negative zero keeps its sign and is zero`() throws {
        for text in ["-0", "-0.0", "-0.00000000000"] {
            let decimal = try #require(ExactDecimal(text))
            #expect(decimal.description == text)
            #expect(decimal == .zero)
            #expect(decimal.hashValue == ExactDecimal.zero.hashValue)
            #expect(!(decimal < .zero) && !(.zero < decimal))
            #expect(decimal.doubleValue.sign == .minus && decimal.doubleValue == 0)
            let read = try withReader("\"\(text)\"         ") { (reader) throws(DecodingFault) in
                try reader.readDecimal()
            }
            #expect(read.description == text)
        }
    }

    @Test(arguments: seeds)
    func `equality, hash and order of decimals go by value`(_ seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<500 {
            let text = Self.text(digitCount: Int.random(in: 1...20, using: &generator), using: &generator)
            let zeros = String(repeating: "0", count: Int.random(in: 1...14, using: &generator))
            let longer = text.contains(".") ? text + zeros : text + "." + zeros
            let (left, right) = (try #require(ExactDecimal(text)), try #require(ExactDecimal(longer)))
            #expect(left == right, "seed \(seed): \(text) \(longer)")
            #expect(left.hashValue == right.hashValue)
            #expect(!(left < right) && !(right < left))
            let other = try #require(
                ExactDecimal(Self.text(digitCount: Int.random(in: 1...35, using: &generator), using: &generator)))
            #expect((left < other) == (try left.isBelowByDigits(other)), "seed \(seed): \(left) \(other)")
            #expect((other < right) == (try other.isBelowByDigits(right)), "seed \(seed): \(other) \(right)")
            #expect((left == other) == (!(left < other) && !(other < left)))
        }
    }

    @Test func `the largest and the smallest decimals are ordered correctly`() throws {
        let texts = [
            "-99999999999999999999999999999999999", "-1", "-0.00000000000000000000000000000000001", "0",
            "0.00000000000000000000000000000000001", "0.99999999999999999999999999999999999", "1",
            "99999999999999999999999999999999999",
        ]
        let decimals = try texts.map { try #require(ExactDecimal($0)) }
        #expect(decimals.shuffled().sorted() == decimals)
    }

    @Test func `arithmetic is exact or throws an overflow`() throws {
        let large = try #require(ExactDecimal("99999999999999999999999999999999999"))
        let small = try #require(ExactDecimal("0.00000000000000000000000000000000001"))
        let price = try #require(ExactDecimal("64000.5"))
        let size = try #require(ExactDecimal("0.0125"))
        #expect(try price.multiplied(by: size).description == "800.00625")
        #expect(try price.adding(size).description == "64000.5125")
        #expect(try price.subtracting(size).description == "64000.4875")
        #expect(try size.subtracting(price).description == "-64000.4875")
        #expect(try large.subtracting(large) == .zero)
        #expect(throws: ExactDecimalOverflow.self) { try large.adding(ExactDecimal(1)) }
        #expect(throws: ExactDecimalOverflow.self) { try large.adding(small) }
        #expect(throws: ExactDecimalOverflow.self) { try large.multiplied(by: large) }
        #expect(throws: ExactDecimalOverflow.self) { try small.multiplied(by: small) }
        #expect(ExactDecimal(mantissa: .min, scale: 0) == nil)
        #expect(ExactDecimal(mantissa: 1, scale: 36) == nil)
        #expect(ExactDecimal(mantissa: 1, scale: -1) == nil)
    }

    @Test(arguments: seeds)
    func `the double of a decimal is the nearest one`(_ seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for digitCount in 1...35 {
            for _ in 0..<20 {
                let text = Self.text(digitCount: digitCount, using: &generator)
                let decimal = try #require(ExactDecimal(text))
                // The digits with an exponent, through the library's correctly rounded parser.
                let expected = Double("\(decimal.mantissa)e-\(decimal.scale)")
                #expect(decimal.doubleValue.magnitude == expected?.magnitude, "seed \(seed): \(text)")
            }
        }
        // Ties to even at 2^53, and the first integers that a double cannot hold.
        #expect(ExactDecimal("9007199254740993")?.doubleValue == 9_007_199_254_740_992)
        #expect(ExactDecimal("9007199254740995")?.doubleValue == 9_007_199_254_740_996)
        #expect(ExactDecimal("9007199254740991.5")?.doubleValue == 9_007_199_254_740_992)
        #expect(ExactDecimal("0.1")?.doubleValue == 0.1)
    }
}

extension ExactDecimal {
    /// Whether this is less than `other`, by comparing digits as texts: the plain twin of `<`.
    func isBelowByDigits(_ other: ExactDecimal) throws -> Bool {
        let (left, right) = (paddedDigits, other.paddedDigits)
        if left.isNegative != right.isNegative {
            return left.isNegative && (left.digits + right.digits).contains { $0 != "0" }
        }
        return left.isNegative ? right.digits < left.digits : left.digits < right.digits
    }

    private var paddedDigits: (isNegative: Bool, digits: String) {
        let text = description.drop { $0 == "-" }
        let parts = text.split(separator: ".")
        let fraction = parts.count > 1 ? parts[1] : ""
        let integer = String(repeating: "0", count: 40 - parts[0].count) + parts[0]
        return (description.hasPrefix("-"), integer + fraction + String(repeating: "0", count: 40 - fraction.count))
    }
}
