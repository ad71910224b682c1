import HyperliquidWire
import Testing

/// The venue's usual writing is read straight through, any other by the plain reader: both must say the same of
/// every message, whole or damaged.
@Suite("Both readers") struct DifferentialTests {
    /// The feeds that are read straight through.
    static let fixtures = Fixtures.all.filter { fixture in
        ["allMids", "l2Book", "bbo", "trades", "candle", "AssetCtx"].contains { fixture.name.contains($0) }
    }

    /// What both readers say of a message; it must be the same.
    @discardableResult
    func expectSame(_ fixture: Fixture, _ bytes: [UInt8], _ note: @autoclosure () -> String) -> Fixture.Outcome {
        let usual = fixture.outcome(of: bytes)
        let plain = fixture.outcome(of: bytes, triesFastPath: false)
        #expect(usual == plain, "\(note()): \(String(decoding: bytes, as: UTF8.self))")
        return usual
    }

    @Test("a message as the venue writes it", arguments: Fixtures.all)
    func whole(_ fixture: Fixture) {
        let outcome = expectSame(fixture, Array(fixture.message.utf8), "as it is")
        #expect(outcome.fault == nil)
    }

    @Test("any few bytes changed, dropped, doubled or moved", arguments: fixtures)
    func mutations(_ fixture: Fixture) {
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

    @Test("numbers of every length and form", arguments: fixtures)
    func numbers(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        var texts = (1...40).flatMap { count in
            let digits = String(repeating: "9", count: count)
            return [digits, "-" + digits, "0." + digits, "1" + digits + ".0", "0" + digits]
        }
        texts += [
            "", "-", ".", "1.", ".5", "-0.0", "0", "00", "1e5", "+1", "1..2", "--1", " 1", "1 ", "NaN", "1\u{e9}",
        ]
        for text in texts {
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

    @Test("names of every length, plain and not", arguments: fixtures)
    func names(_ fixture: Fixture) throws {
        let coins = (0...40).map { String("xyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/abc".prefix($0)) }
        for coin in coins + ["é", "\u{1F600}", "a\"b", "a\\b", "a\nb", "\u{7f}"] {
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

    @Test("a key that comes twice, at every place", arguments: fixtures)
    func duplicateKeys(_ fixture: Fixture) throws {
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
