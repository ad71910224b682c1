import Foundation
import HyperliquidWire
import Testing

/// Compares decimals with Python's `decimal`: `scripts/decimal-oracle.py` wrote the cases and their results.
@Suite("Decimals against an oracle") struct DecimalOracleTests {
    /// The cases of a kind, each as its fields.
    static func cases(_ kind: String) throws -> [[String]] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/decimals.txt")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        return lines.map { $0.split(separator: "\t").map(String.init) }.filter { $0[0] == kind }
    }

    /// A result as the oracle writes it.
    static func text(_ compute: () throws(ExactDecimalOverflow) -> ExactDecimal) -> String {
        do throws(ExactDecimalOverflow) { return try compute().description } catch { return "overflow" }
    }

    @Test func `a decimal keeps up to 35 digits and refuses more`() throws {
        let cases = try Self.cases("text")
        #expect(cases.count > 100)
        for fields in cases {
            let decimal = ExactDecimal(fields[1])
            let read = try? withReader("\"\(fields[1])\"") { (reader) throws(DecodingFault) in
                try reader.readDecimal()
            }
            guard fields[2] != "fault" else {
                #expect(decimal == nil && read == nil, "\(fields)")
                continue
            }
            #expect(decimal?.description == fields[1])
            #expect(read?.description == fields[1])
            #expect(decimal.map { "\($0.mantissa) \($0.scale)" } == "\(fields[2]) \(fields[3])")
        }
    }

    @Test func `order, sums, differences and products agree with the oracle`() throws {
        let cases = try Self.cases("pair")
        #expect(cases.count > 100)
        for fields in cases {
            let (left, right) = (try #require(ExactDecimal(fields[1])), try #require(ExactDecimal(fields[2])))
            let order = left < right ? "-1" : right < left ? "1" : "0"
            #expect(order == fields[3], "\(fields)")
            #expect((left == right) == (fields[3] == "0"), "\(fields)")
            if left == right { #expect(left.hashValue == right.hashValue, "\(fields)") }
            #expect(Self.text { () throws(ExactDecimalOverflow) in try left.adding(right) } == fields[4], "\(fields)")
            #expect(Self.text { () throws(ExactDecimalOverflow) in try left.subtracting(right) } == fields[5])
            #expect(Self.text { () throws(ExactDecimalOverflow) in try left.multiplied(by: right) } == fields[6])
            let level = Level(price: left, size: right, orderCount: 1)
            #expect(Self.text { () throws(ExactDecimalOverflow) in try level.notional } == fields[6], "\(fields)")
        }
    }

    @Test func `the nearest double agrees with the oracle`() throws {
        let cases = try Self.cases("double")
        #expect(cases.count > 50)
        for fields in cases {
            let double = try #require(ExactDecimal(fields[1])).doubleValue
            #expect(double.bitPattern == UInt64(fields[2], radix: 16), "\(fields)")
        }
    }
}
