import HyperliquidWire
import Testing

@Suite("Arithmetic of decimals") struct DecimalArithmeticTests {
    @Test func `literals are exact`() {
        #expect((0.1 as ExactDecimal).description == "0.1")
        #expect((64000.5 as ExactDecimal).description == "64000.5")
        #expect((-3 as ExactDecimal).description == "-3")
        #expect((1e3 as ExactDecimal) == 1000)
        #expect((0.000001 as ExactDecimal) == ExactDecimal("0.000001"))
        #expect((1e20 as ExactDecimal) == ExactDecimal("100000000000000000000"))
    }

    @Test func `sums, differences and products are exact`() {
        #expect(0.1 + 0.2 as ExactDecimal == 0.3)
        #expect(1 - 0.9 as ExactDecimal == 0.1)
        #expect(1.1 * 1.1 as ExactDecimal == 1.21)
        var sum: ExactDecimal = 0
        for _ in 0..<10 { sum += 0.1 }
        #expect(sum == 1)
        sum *= -2
        #expect(sum == -2 && abs(sum) == 2 && -sum == 2)
        #expect([0.1, 0.2, 0.3].reduce(0, +) as ExactDecimal == 0.6)
    }

    static let roundings: [(ExactDecimal, FloatingPointRoundingRule, ExactDecimal)] = [
        (1.25, .toNearestOrEven, 1.2), (1.35, .toNearestOrEven, 1.4), (1.25, .toNearestOrAwayFromZero, 1.3),
        (-1.25, .toNearestOrAwayFromZero, -1.3), (1.21, .up, 1.3), (-1.29, .up, -1.2), (1.29, .down, 1.2),
        (-1.21, .down, -1.3), (1.29, .towardZero, 1.2), (-1.29, .towardZero, -1.2), (1.21, .awayFromZero, 1.3),
        (-1.21, .awayFromZero, -1.3), (1.2, .up, 1.2), (7, .up, 7), (0.96, .toNearestOrEven, 1.0),
    ]

    @Test(arguments: roundings)
    func `a number is rounded to digits behind the point by each rule`(
        number: ExactDecimal, rule: FloatingPointRoundingRule, rounded: ExactDecimal
    ) {
        #expect(number.rounded(toScale: 1, rule) == rounded)
    }

    static let figures: [(ExactDecimal, Int, ExactDecimal)] = [
        (64123.4, 5, 64123), (64123.4, 2, 64000), (0.00123456, 3, 0.00123), (99999.6, 5, 100_000), (5, 3, 5),
        (0, 1, 0), (-1267, 3, -1270), (1265, 3, 1260),
    ]

    @Test(arguments: figures)
    func `a number is rounded to significant figures`(number: ExactDecimal, count: Int, rounded: ExactDecimal) {
        #expect(number.rounded(toSignificantFigures: count) == rounded)
    }

    @Test func `a number becomes a Double and comes from one`() throws {
        #expect(Double(0.1 as ExactDecimal) == 0.1)
        #expect(ExactDecimal(1.5e-7 as Double) == ExactDecimal("0.00000015"))
        for number in [Double.nan, .infinity, 1e300] { #expect(ExactDecimal(number) == nil) }
        #expect(ExactDecimal(exactly: UInt64.max) == ExactDecimal("18446744073709551615"))
        #expect(try #require(ExactDecimal("1.500")).withoutTrailingZeros.description == "1.5")
    }
}
