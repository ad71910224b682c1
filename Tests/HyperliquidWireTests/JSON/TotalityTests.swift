import HyperliquidWire
import TestPacing
import Testing

/// Any bytes become an event or a fault, without a trap or an endless loop.
@Suite("Totality", .computing) struct TotalityTests {
    @Test(arguments: Fixtures.all)
    func `a message truncated anywhere is a fault`(_ fixture: Fixture) {
        let bytes = Array(fixture.message.utf8)
        for count in stride(from: 0, to: bytes.count, by: Thinning.step) {
            let outcome = fixture.outcome(of: Array(bytes[..<count]))
            #expect(outcome.fault != nil, "cut at byte \(count)")
        }
    }

    @Test(arguments: Fixtures.all)
    func `a message with flipped bits becomes an event or a fault`(_ fixture: Fixture) {
        let message = Array(fixture.message.utf8)
        for seed in stride(from: 0 as UInt64, to: 400, by: Thinning.step) {
            var generator = SplitMix64(seed: seed)
            var bytes = message
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: bytes.indices, using: &generator)
                bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            }
            checkOutcome(fixture.outcome(of: bytes), "seed \(seed)")
        }
    }

    @Test(arguments: Fixtures.all)
    func `a message with any byte replaced becomes an event or a fault`(_ fixture: Fixture) {
        let bytes = Array(fixture.message.utf8)
        let hostile = Array(#"{}[]",:\0.-e9ntf "#.utf8) + [0x00, 0x1f, 0x7f, 0x80, 0xc3, 0xff]
        // In a long message each byte is replaced by some of these, in a short one by all.
        let step = max(1, bytes.count / 50) * Thinning.step
        for (number, byte) in hostile.enumerated() {
            for index in stride(from: number % step, to: bytes.count, by: step) {
                var changed = bytes
                changed[index] = byte
                checkOutcome(fixture.outcome(of: changed), "byte \(index) is \(byte)")
            }
        }
    }

    @Test(arguments: Fixtures.all)
    func `a message with a value of any other type becomes an event or a fault`(_ fixture: Fixture) throws {
        let tree = try #require(JSONTree(fixture.message))
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        let kinds = [
            "null", "true", "0", "-1", "1.5", "1e400", "12345678901234567890123456789012345678901", "\"\"", "\"0x\"",
            "\"-\"", "\"1234567890123456789012345678901234567890\"", "\"\\ud800\"", "\"\\u00e9\"", "[]", "{}", "[[]]",
            "[null,null,null]", #"{"":{}}"#, deep,
        ]
        for kind in kinds {
            var part = 0
            while let changed = tree.replacing(part: part, by: .scalar(kind)) {
                checkOutcome(fixture.outcome(of: Array(changed.description.utf8)), "part \(part) is \(kind.prefix(50))")
                part += Thinning.step
            }
        }
    }

    @Test(arguments: Fixtures.all)
    func `a text with invalid UTF-8 is a fault`(_ fixture: Fixture) {
        let bytes = Array(fixture.message.utf8)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\"") {
            for sequence in [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80]] as [[UInt8]] {
                let outcome = fixture.outcome(of: bytes[...index] + sequence + bytes[(index + 1)...])
                checkOutcome(outcome, "byte \(index)")
                for event in outcome.events { #expect(String(validating: event.utf8, as: UTF8.self) != nil) }
            }
        }
    }

    private func checkOutcome(_ outcome: Fixture.Outcome, _ note: @autoclosure () -> String) {
        if outcome.fault != nil {
            #expect(outcome.events.isEmpty, "\(note())")
        } else {
            for event in outcome.events where JSONTree(event) == nil { Issue.record("\(note()): \(event)") }
        }
    }
}
