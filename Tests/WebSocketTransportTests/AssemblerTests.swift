import HyperliquidWire
import Testing
import WebSocketTransport

/// `MessageAssembler` against its plain twin, over seeded random streams. `seed` in a failure replays it.
@Suite("Message assembler") struct AssemblerTests {
    /// Mostly valid frames, with an invalid one now and then.
    private static func stream(_ random: inout SplitMix64, isServer: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        var isInMessage = false
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            var frame = RawFrame(opcode: 1)
            let isControl = Int.random(in: 0..<4, using: &random) == 0
            if isControl {
                frame.opcode = [8, 9, 9, 10].randomElement(using: &random) ?? 9
                frame.payload = randomText(0...20, &random)
                if frame.opcode == 8 {
                    frame.payload = [3, UInt8.random(in: 230...245, using: &random)] + frame.payload
                }
            } else {
                frame.opcode = isInMessage ? 0 : [1, 1, 2].randomElement(using: &random) ?? 1
                frame.isFinal = Bool.random(using: &random)
                isInMessage = !frame.isFinal
                frame.payload = randomText([0...9, 120...130, 0...300].randomElement(using: &random) ?? 0...9, &random)
            }
            if isServer { frame.mask = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) } }
            bytes += frame.bytes
        }
        if Int.random(in: 0..<3, using: &random) == 0 {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
        return bytes
    }

    private static func randomText(_ range: ClosedRange<Int>, _ random: inout SplitMix64) -> [UInt8] {
        let alphabet: [String] = ["a", "{", "9", "é", "€", "𝄞"]
        let count = Int.random(in: range, using: &random)
        var text: [UInt8] = []
        while text.count < count { text += Array((alphabet.randomElement(using: &random) ?? "a").utf8) }
        return text
    }

    @Test(arguments: [false, true])
    func `a stream cut anywhere is assembled as by the plain twin`(isServer: Bool) {
        for seed in UInt64(1)...15 {
            var random = SplitMix64(seed: seed)
            let bytes = Self.stream(&random, isServer: isServer)
            var twin = PlainTwin(isServer: isServer, limit: 400)
            twin.read(bytes)
            for cut in 0...bytes.count {
                let pieces = [Array(bytes[..<cut]), Array(bytes[cut...])]
                let heard = Heard.listen(to: pieces, isServer: isServer, limit: 400)
                guard heard == twin.heard else {
                    Issue.record("seed \(seed), cut at \(cut): \(heard) is not \(twin.heard)")
                    return
                }
            }
        }
    }

    @Test(arguments: [false, true])
    func `a stream in pieces of any sizes is assembled as by the plain twin`(isServer: Bool) {
        for seed in UInt64(1000)...1200 {
            var random = SplitMix64(seed: seed)
            let bytes = Self.stream(&random, isServer: isServer)
            var twin = PlainTwin(isServer: isServer, limit: 400)
            twin.read(bytes)
            var pieces: [[UInt8]] = []
            var start = 0
            let most = [1, 3, 20, 200].randomElement(using: &random) ?? 1
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...most, using: &random))
                pieces.append(Array(bytes[start..<end]))
                start = end
            }
            let heard = Heard.listen(to: pieces, isServer: isServer, limit: 400)
            guard heard == twin.heard else {
                Issue.record("seed \(seed): \(heard) is not \(twin.heard)")
                return
            }
        }
    }
}
