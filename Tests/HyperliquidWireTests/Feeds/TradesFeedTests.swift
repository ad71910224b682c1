import HyperliquidWire
import Testing

@Suite("Trades") struct TradesFeedTests {
    static let message = #"""
        {"channel":"trades","data":[{"coin":"BTC","side":"A","px":"64000.0","sz":"0.01","time":1790000001290,"hash":"0x5c0e000000000000000000000000000000000000000000000000000000000001","tid":118059911234567,"users":["0x1111111111111111111111111111111111111111","0x2222222222222222222222222222222222222222"]}]}
        """#

    func decode(_ text: String, _ memory: inout TradesFeed.Memory) throws(DecodingFault) -> Decoded<[Trade]> {
        let bytes = Array(text.utf8)
        return try unsafe bytes.withUnsafeBufferPointer { buffer throws(DecodingFault) in
            let span = unsafe Span(_unsafeElements: buffer)
            var reader = MessageReader(span)
            let envelope = reader._readEnvelope()
            #expect(envelope.kind == .data)
            #expect(envelope.channel.name == "trades")
            #expect(reader._routeKey(by: .firstCoin) == _RouteKey(["BTC"]))
            do throws(DecodingFault) { return try TradesFeed.decode(&reader, memory: &memory) } catch {
                throw reader.located(error)
            }
        }
    }

    @Test func `a trade keeps its digits and is delivered once`() throws {
        var memory = TradesFeed.Memory()
        memory.subscribed(atMilliseconds: 1_790_000_002_000)
        guard case .snapshot(let trades) = try decode(Self.message, &memory) else {
            throw DecodingFault(.outOfOrder, at: 0)
        }
        #expect(trades[0].price.description == "64000.0")
        #expect(trades[0].size == ExactDecimal(mantissa: 1, scale: 2))
        #expect(trades[0].side == .sell)
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", "trades")
        writer.field("data", trades)
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == Self.message)
        memory.subscribed(atMilliseconds: 1_790_000_003_000)
        guard case .nothing = try decode(Self.message, &memory) else { throw DecodingFault(.outOfOrder, at: 0) }
    }

    @Test func `a fault names its field`() {
        var memory = TradesFeed.Memory()
        let broken = Self.message.replacing(#""sz":"0.01""#, with: #""sz":"0.01x""#)
        let fault = #expect(throws: DecodingFault.self) { try decode(broken, &memory) }
        #expect(fault?.path == "data[0].sz")
        #expect(fault?.code == .invalidDecimal)
    }
}
