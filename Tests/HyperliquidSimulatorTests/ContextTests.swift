import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Contexts, mids and compressed contexts tell the same as the books do.
@Suite("Contexts") struct ContextTests {
    @Test("at one moment mids, contexts and books agree", arguments: 1...4)
    func agreement(seed: UInt64) throws {
        var venue = Venue(seed: seed)
        venue.run(.seconds(37))
        let mids = JSON(venue.ask(#"{"type":"allMids"}"#).body)
        let answer = JSON(venue.ask(#"{"type":"metaAndAssetCtxs"}"#).body)
        let names = answer[0]["universe"].array.compactMap { $0["name"].text }
        let contexts = answer[1].array
        #expect(names.count >= 24 && names.count == contexts.count)
        for (name, context) in zip(names, contexts) where name != "MATIC" {
            let book = JSON(venue.ask(#"{"type":"l2Book","coin":"\#(name)"}"#).body)
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

    @Test("compressed changes rebuild the full state", arguments: 1...3)
    func compressed(seed: UInt64) throws {
        var venue = Venue(seed: seed)
        venue.open(1)
        venue.subscribe(#""type":"fastAssetCtxs""#, on: 1)
        venue.run(.milliseconds(5))
        var memory = FastContextMemory()
        memory.subscribed(atMilliseconds: 0)
        for round in UInt64(2)...6 {
            venue.run(.milliseconds(3100))
            venue.open(round)
            venue.subscribe(#""type":"fastAssetCtxs""#, on: round)
            venue.run(.milliseconds(5))
            var rebuilt: String?
            for message in venue.received("fastAssetCtxs", on: 1) {
                rebuilt = try Self.decoded(message.bytes, &memory)
            }
            var fresh = FastContextMemory()
            fresh.subscribed(atMilliseconds: 0)
            let full = try #require(venue.received("fastAssetCtxs", on: round).first)
            #expect(try Self.decoded(full.bytes, &fresh) == rebuilt, "seed \(seed)")
        }
    }

    private static func decoded(_ bytes: [UInt8], _ memory: inout FastContextMemory) throws -> String? {
        let decoded = try MessageReader.read(bytes) { (reader) throws(DecodingFault) in
            _ = reader.readEnvelope()
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

    @Test func `changes name only coins that have changed, and less than all`() throws {
        var venue = Venue()
        venue.open()
        venue.subscribe(#""type":"fastAssetCtxs""#)
        venue.run(.seconds(5))
        let sizes = venue.received("fastAssetCtxs").map(\.bytes.count)
        #expect(sizes.count == 6)
        #expect(sizes.dropFirst().allSatisfy { $0 < (sizes.first ?? 0) })
    }
}
