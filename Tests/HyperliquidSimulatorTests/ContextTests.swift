import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Contexts, mid prices and compressed contexts agree with the books.
@Suite("Contexts") struct ContextTests {
    @Test("mid prices, contexts and books of the same time agree", arguments: 1...4)
    func agreement(seed: UInt64) throws {
        var exchange = VirtualExchange(seed: seed)
        exchange.run(.seconds(37))
        let mids = JSON(exchange.ask(#"{"type":"allMids"}"#).body)
        let answer = JSON(exchange.ask(#"{"type":"metaAndAssetCtxs"}"#).body)
        let names = answer[0]["universe"].array.compactMap { $0["name"].text }
        let contexts = answer[1].array
        #expect(names.count >= 24 && names.count == contexts.count)
        for (name, context) in zip(names, contexts) where name != "MATIC" {
            let book = JSON(exchange.ask(#"{"type":"l2Book","coin":"\#(name)"}"#).body)
            let (bid, ask) = (book["levels"][0][0]["px"].decimal, book["levels"][1][0]["px"].decimal)
            let sum = try #require(bid).adding(try #require(ask))
            let mid = try sum.multiplied(by: #require(ExactDecimal("0.5")))
            #expect(context["midPx"].decimal == mid, "seed \(seed), \(name)")
            #expect(mids[name].decimal == mid, "seed \(seed), \(name)")
            #expect(context["impactPxs"].array.map(\.decimal) == [bid, ask])
            let mark = try #require(context["markPx"].decimal)
            #expect(try #require(bid) <= mark && mark <= #require(ask), "seed \(seed), \(name)")
        }
    }

    @Test("the sum of compressed changes is the full state", arguments: 1...3)
    func compressed(seed: UInt64) throws {
        var exchange = VirtualExchange(seed: seed)
        exchange.open(1)
        exchange.subscribe(#""type":"fastAssetCtxs""#, on: 1)
        exchange.run(.milliseconds(5))
        var memory = FastContextMemory()
        memory.subscribed(atMilliseconds: 0)
        for round in UInt64(2)...6 {
            exchange.run(.milliseconds(3100))
            exchange.open(round)
            exchange.subscribe(#""type":"fastAssetCtxs""#, on: round)
            exchange.run(.milliseconds(5))
            var rebuilt: String?
            for message in exchange.received("fastAssetCtxs", on: 1) {
                rebuilt = try Self.decoded(message.bytes, &memory)
            }
            var fresh = FastContextMemory()
            fresh.subscribed(atMilliseconds: 0)
            let full = try #require(exchange.received("fastAssetCtxs", on: round).first)
            #expect(try Self.decoded(full.bytes, &fresh) == rebuilt, "seed \(seed)")
        }
    }

    private static func decoded(_ bytes: [UInt8], _ memory: inout FastContextMemory) throws -> String? {
        let decoded = try MessageReader.read(bytes) { (reader) throws(DecodingFault) in
            _ = reader._readEnvelope()
            return try FastAssetContextsFeed.decode(&reader, memory: &memory)
        }
        switch decoded {
        case .snapshot(let state), .update(let state):
            var writer = JSONWriter()
            writer.value(state)
            return String(decoding: writer.bytes, as: UTF8.self)
        case .snapshotAndUpdate, .nothing: return nil
        }
    }

    @Test func `compressed changes contain fewer coins than the full state`() throws {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"fastAssetCtxs""#)
        exchange.run(.seconds(5))
        let sizes = exchange.received("fastAssetCtxs").map(\.bytes.count)
        #expect(sizes.count == 6)
        #expect(sizes.dropFirst().allSatisfy { $0 < (sizes.first ?? 0) })
    }
}
