import HyperliquidWire
import Testing

@Suite("Fast asset contexts") struct FastAssetContextsTests {
    // The three messages of PROTOCOL section 3.2, composed there: a full state and two changes.
    static let full =
        #"{"channel":"fastAssetCtxs","data":"q1ZyCnFWsqpWyk0syg6oULJSMjMxMDDUM1DSUcrNTIGLGOiZKtXqKLmGeKAoNjYEyhghqQULGILVBoQGBaEoBkoYGRgiFOeV5uTU1gIA"}"#
    static let ethereum =
        #"{"channel":"fastAssetCtxs","data":"q1ZyDfFQsqpWys1MCahQslIyNjQw0DMyVaqtBQA="}"#
    static let twoCoins =
        #"{"channel":"fastAssetCtxs","data":"q1ZyCnFWsqpWyk0syg6oULJSMjMxMDDWM1Cq1VEKCA0KAstlpoClDPQMjQwMTJVqawE="}"#

    func decode(
        _ message: String, _ memory: inout FastAssetContextsFeed.Memory
    ) throws(DecodingFault) -> Decoded<FastContexts> {
        try withReader(message) { (reader) throws(DecodingFault) in
            _ = reader.readEnvelope()
            do throws(DecodingFault) { return try FastAssetContextsFeed.decode(&reader, memory: &memory) } catch {
                throw reader.located(error)
            }
        }
    }

    @Test func `changes are applied in order onto the full state`() throws {
        var memory = FastAssetContextsFeed.Memory()
        guard case .snapshot(let first) = try decode(Self.full, &memory) else { return #expect(Bool(false)) }
        #expect(
            encoded(first)
                == #"{"BTC":{"markPx":"64001.0","midPx":"64000.5"},"ETH":{"markPx":"3100.2","midPx":"3100.15"},"PURR":{"markPx":"0.1201","midPx":null}}"#
        )
        guard case .update(let second) = try decode(Self.ethereum, &memory) else { return #expect(Bool(false)) }
        #expect(second.changed == ["ETH"])
        #expect(second["ETH"]?.midPrice?.description == "3100.25")
        #expect(second["ETH"]?.markPrice?.description == "3100.2")
        guard case .update(let third) = try decode(Self.twoCoins, &memory) else { return #expect(Bool(false)) }
        #expect(third.changed == ["BTC", "PURR"])
        #expect(
            encoded(third)
                == #"{"BTC":{"markPx":"64003.0","midPx":"64000.5"},"ETH":{"markPx":"3100.2","midPx":"3100.25"},"PURR":{"markPx":"0.1201","midPx":"0.12005"}}"#
        )
    }

    @Test func `a change without the state it changes is a fault`() throws {
        var memory = FastAssetContextsFeed.Memory()
        let first = #expect(throws: DecodingFault.self) { try decode(Self.ethereum, &memory) }
        #expect(first?.code == .outOfOrder)
        #expect(first?.path == "data.ETH")
        _ = try decode(Self.full, &memory)
        memory.subscribed(atMilliseconds: 0)
        let second = #expect(throws: DecodingFault.self) { try decode(Self.twoCoins, &memory) }
        #expect(second?.code == .outOfOrder)
    }

    @Test func `after a message that cannot be read there is no state`() throws {
        var memory = FastAssetContextsFeed.Memory()
        _ = try decode(Self.full, &memory)
        let damaged = #"{"channel":"fastAssetCtxs","data":"q1ZyDfFQsqpWys1M"}"#
        let fault = #expect(throws: DecodingFault.self) { try decode(damaged, &memory) }
        #expect(fault?.code == .invalidCompression)
        #expect(fault?.path == "data")
        let next = #expect(throws: DecodingFault.self) { try decode(Self.ethereum, &memory) }
        #expect(next?.code == .outOfOrder)
    }
}
