import HyperliquidWire
import Testing

/// The fast paths agree with the plain rules.
@Suite("Fast paths") struct FastPathTests {
    /// Mid prices with names and prices of every length.
    private func mids(_ generator: inout SplitMix64) -> [(String, String)] {
        (0..<Int.random(in: 1...40, using: &generator)).map { index in
            let letters = (0..<Int.random(in: 0...14, using: &generator)).map { _ in
                Character(["A", "z", "@", "#", ":", "7"].randomElement(using: &generator) ?? "A")
            }
            let whole = (0..<Int.random(in: 1...12, using: &generator)).map { _ in "7" }.joined()
            let fraction = (0..<Int.random(in: 0...9, using: &generator)).map { _ in "3" }.joined()
            return ("\(index)" + String(letters), fraction.isEmpty ? whole : "\(whole).\(fraction)")
        }
    }

    private func message(_ mids: [(String, String)]) -> String {
        let fields = mids.map { #""\#($0.0)":"\#($0.1)""# }.joined(separator: ",")
        return #"{"channel":"allMids","data":{"mids":{\#(fields)}}}"#
    }

    private func decode(_ text: String, _ memory: inout CoinMemory, fast: Bool) throws -> String {
        try withReader(text) { (reader) throws(DecodingFault) in
            reader.triesFastPath = fast
            _ = reader._readEnvelope()
            guard case .update(let mids) = try AllMidsFeed.decode(&reader, memory: &memory) else { return "" }
            return encoded(mids)
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `mids read with the last message's names agree with the any-order reader`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var rows = mids(&generator)
        var (fast, plain) = (CoinMemory(), CoinMemory())
        for _ in 0..<6 {
            let text = message(rows)
            #expect(try decode(text, &fast, fast: true) == decode(text, &plain, fast: false), "seed \(seed)")
            switch Int.random(in: 0...3, using: &generator) {
            case 0: rows.shuffle(using: &generator)
            case 1: rows.append(("new\(rows.count)", "1.5"))
            case 2: rows.removeLast(rows.count > 1 ? 1 : 0)
            default: rows = rows.map { ($0.0, $0.1 + "1") }
            }
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `an upper-case hash equals its lower-case form and a wrong digit is a fault`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        var memory = TradesFeed.Memory()
        let original = TradesFeedTests.message
        let hash = "5c0e000000000000000000000000000000000000000000000000000000000001"
        let upper = original.replacing(hash, with: hash.uppercased())
        let pair = try (trades(original, &memory), trades(upper, &memory))
        #expect(pair.0 == pair.1)
        #expect(pair.0.first?.hash.description == "0x" + hash)
        #expect(pair.0.first?.buyer?.description == "0x1111111111111111111111111111111111111111")
        for position in 0..<64 {
            var digits = Array(hash)
            digits[position] = ["g", "`", "/", ":", "@", "é"].randomElement(using: &generator) ?? "g"
            let broken = original.replacing(hash, with: String(digits))
            #expect(throws: DecodingFault.self, "seed \(seed), position \(position)") { try trades(broken, &memory) }
        }
    }

    private func trades(_ text: String, _ memory: inout TradesFeed.Memory) throws -> [Trade] {
        try withReader(text) { (reader) throws(DecodingFault) in
            _ = reader._readEnvelope()
            memory = TradesFeed.Memory()
            memory.subscribed(atMilliseconds: 0)
            guard case .update(let trades) = try TradesFeed.decode(&reader, memory: &memory) else { return [] }
            return trades
        }
    }

    @Test(arguments: [
        "0", "7", "42", "1234567", "12345678", "123456789", "1790000001290", "1234567890123456", "12345678901234567",
        "1790000001290000123", "9223372036854775807", "9223372036854775808", "99999999999999999999", "01", "",
    ])
    func `an integer of any length is read as the plain rules say`(digits: String) {
        let text = #"{"channel":"bbo","data":{"coin":"BTC","time":\#(digits),"bbo":[null,null]}}"#
        let outcomes = [true, false].map { fast in
            Result {
                try withReader(text) { (reader) throws(DecodingFault) in
                    reader.triesFastPath = fast
                    _ = reader._readEnvelope()
                    var memory = NoMemory()
                    let decoded = try BestBidOfferFeed.decode(&reader, memory: &memory)
                    guard case .update(let best) = decoded else { return -1 as Int64 }
                    return best.timeMilliseconds
                }
            }
        }
        #expect((try? outcomes[0].get()) == (try? outcomes[1].get()))
        #expect((try? outcomes[0].get()) == (digits == "01" ? nil : Int64(digits)))
    }

    @Test(
        arguments: [
            ("64000.5", 6, 64_000_500_000), ("-0.000001", 6, -1), ("0.0000001", 6, nil), ("5", 0, 5), ("-0", 3, 0),
            ("9223372036854775807", 0, .max), ("9223372036854775808", 0, nil),
            ("36028797018963968.5", 1, 360_287_970_189_639_685),
            ("-36028797018963969", 0, -36_028_797_018_963_969), ("1", 18, 1_000_000_000_000_000_000), ("10", 18, nil),
            ("1", 19, nil), ("-0.0000001", 6, nil), ("-1.5", 0, nil),
        ] as [(String, Int, Int64?)])
    func `the units of a decimal are exact or nil`(text: String, scale: Int, units: Int64?) throws {
        #expect(try #require(ExactDecimal(text)).units(atScale: scale) == units)
    }

    @Test func `the units of an integer gain one zero per scale`() throws {
        let number = try #require(ExactDecimal("-37"))
        for scale in 0...16 {
            let units = try #require(number.units(atScale: scale))
            #expect("\(units)" == "-37" + String(repeating: "0", count: scale))
        }
    }
}
