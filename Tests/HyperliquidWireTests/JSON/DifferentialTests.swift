import HyperliquidWire
import TestPacing
import Testing

/// The fast path reads the venue's usual form, the any-order reader all others. Both must agree on every message, valid
/// or damaged.
@Suite("Fast path against the any-order reader", .computing) struct DifferentialTests {
    /// The feeds with a fast path.
    static let fixtures = Fixtures.all.filter { fixture in
        ["allMids", "l2Book", "bbo", "trades", "candle", "AssetCtx"].contains { fixture.name.contains($0) }
    }

    /// The outcome of both readers, which must be the same.
    @discardableResult
    func expectSame(_ fixture: Fixture, _ bytes: [UInt8], _ note: @autoclosure () -> String) -> Fixture.Outcome {
        let fast = fixture.outcome(of: bytes)
        let plain = fixture.outcome(of: bytes, triesFastPath: false)
        #expect(fast == plain, "\(note()): \(String(decoding: bytes, as: UTF8.self))")
        return fast
    }

    @Test(arguments: Fixtures.all)
    func `both readers agree on a message in the venue's usual form`(_ fixture: Fixture) {
        let outcome = expectSame(fixture, Array(fixture.message.utf8), "as it is")
        #expect(outcome.fault == nil)
    }

    @Test(arguments: fixtures)
    func `both readers agree on a message with changed, missing or repeated bytes`(_ fixture: Fixture) {
        let message = Array(fixture.message.utf8)
        for seed in stride(from: 0 as UInt64, to: 600, by: Thinning.step) {
            var generator = SplitMix64(seed: seed)
            var bytes = message
            for _ in 0..<Int.random(in: 1...3, using: &generator) { mutate(&bytes, using: &generator) }
            expectSame(fixture, bytes, "seed \(seed)")
        }
    }

    private func mutate(_ bytes: inout [UInt8], using generator: inout SplitMix64) {
        guard !bytes.isEmpty else { return }
        let index = Int.random(in: bytes.indices, using: &generator)
        let count = Int.random(in: 1...min(12, bytes.count - index), using: &generator)
        let telling = Array(#"{}[]",:.-\0123456789ABnulltruex "#.utf8) + [0x09, 0x7f, 0x80, 0xff]
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[index] = telling.randomElement(using: &generator) ?? 0
        case 2: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: index)
        case 3: bytes.removeSubrange(index..<index + count)
        case 4: bytes.insert(contentsOf: bytes[index..<index + count], at: index)
        default: bytes.swapAt(index, Int.random(in: bytes.indices, using: &generator))
        }
    }

    @Test(arguments: fixtures)
    func `both readers agree on numbers of every length and form`(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        // Around the sizes of wide reads, of 64-bit integers and of decimals.
        let digitCounts = [1, 2, 3, 4, 5, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20, 21, 37, 38, 39, 40]
        var texts = digitCounts.flatMap { count in
            let digits = String(repeating: "9", count: count)
            return [digits, "-" + digits, "0." + digits, "1" + digits + ".0", "0" + digits]
        }
        texts += [
            "", "-", ".", "1.", ".5", "-0.0", "0", "00", "1e5", "+1", "1..2", "--1", " 1", "1 ", "NaN", "1\u{e9}",
        ]
        for text in stride(from: 0, to: texts.count, by: Thinning.step).map({ texts[$0] }) {
            var part = 0
            while let quoted = tree.replacing(part: part, by: .string(text)) {
                expectSame(fixture, Array(quoted.description.utf8), "part \(part)")
                if !text.isEmpty, let bare = tree.replacing(part: part, by: .scalar(text)) {
                    expectSame(fixture, Array(bare.description.utf8), "part \(part)")
                }
                part += 1
            }
        }
    }

    @Test(arguments: fixtures)
    func `both readers agree on names of every length, plain or not`(_ fixture: Fixture) throws {
        let coins = (0...40).map { String("xyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/abc".prefix($0)) }
        let all = coins + ["é", "\u{1F600}", "a\"b", "a\\b", "a\nb", "\u{7f}"]
        for coin in stride(from: 0, to: all.count, by: Thinning.step).map({ all[$0] }) {
            for name in ["coin", "s", "BTC", "@107", "dex"] {
                let tree = try #require(JSONTree(fixture.message))
                let changed = tree.mappingObjects { members in
                    members.map { member in
                        if member.key == name, case .string = member.value {
                            return ["coin", "s", "dex"].contains(name)
                                ? JSONTree.Member(key: name, value: .string(coin))
                                : JSONTree.Member(key: coin, value: member.value)
                        }
                        return member
                    }
                }
                expectSame(fixture, Array(changed.description.utf8), "\(name) is \(coin)")
            }
        }
    }

    @Test(arguments: fixtures)
    func `both readers agree on a repeated key in every position`(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        for seed in stride(from: 0 as UInt64, to: 60, by: Thinning.step) {
            var generator = SplitMix64(seed: seed)
            let changed = tree.mappingData { data in
                data.mappingObjects { members in
                    guard let member = members.randomElement(using: &generator) else { return members }
                    let twin = JSONTree.Member(key: member.key, value: member.value.other)
                    var members = members
                    members.insert(twin, at: Int.random(in: 0...members.count, using: &generator))
                    return members
                }
            }
            expectSame(fixture, Array(changed.description.utf8), "seed \(seed)")
        }
    }
}
