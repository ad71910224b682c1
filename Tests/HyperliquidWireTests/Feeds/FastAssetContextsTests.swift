import HyperliquidWire
import Testing

@Suite("Fast asset contexts") struct FastAssetContextsTests {
    // Three composed messages, a full state and two changes; their form: docs/protocol.md, "fastAssetCtxs".
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
            _ = reader._readEnvelope()
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

    /// A message of `json`, in one stored block.
    static func message(_ json: String) -> String {
        #"{"channel":"fastAssetCtxs","data":""#
            + String(decoding: Base64.encode(Deflate.stored(Array(json.utf8))), as: UTF8.self) + #""}"#
    }

    @Test(arguments: [
        (FastAssetContextsTests.ethereum, DecodingFault.Code.outOfOrder, "data.ETH"),
        (message(#"{"BTC":{"markPx":"1.0","midPx":"1.0"},"ETH":{"markPx":"1.0"}}"#), .outOfOrder, "data.ETH"),
        (message(#"{"BTC":{"markPx":"1.0","midPx":7}}"#), .unexpectedType, "data.BTC.midPx"),
        (message("[]"), .unexpectedType, "data"),
        (#"{"channel":"fastAssetCtxs","data":"q1ZyDfFQsqpWys1M"}"#, .invalidCompression, "data"),
        (#"{"channel":"fastAssetCtxs","data":"q1Z!"}"#, .invalidCompression, "data"),
        (#"{"channel":"fastAssetCtxs","data":{}}"#, .unexpectedType, "data"),
        (#"{"channel":"fastAssetCtxs","data":""#, .truncated, "data"),
    ])
    func `a change that cannot be applied invalidates the state until the next subscribe`(
        _ message: String, _ code: DecodingFault.Code, _ path: String
    ) throws {
        var memory = FastAssetContextsFeed.Memory()
        #expect(!memory.hasLostBase)
        let fault = #expect(throws: DecodingFault.self) { try decode(message, &memory) }
        #expect(fault?.code == code)
        #expect(fault?.path == path)
        #expect(memory.hasLostBase)
        // Later messages are dropped, even a full state: it may be older than the fault.
        for following in [Self.full, Self.ethereum, message] {
            guard case .nothing? = try? decode(following, &memory) else {
                guard following == message else { return #expect(Bool(false), "\(following)") }
                continue
            }
            #expect(memory.hasLostBase)
        }
        memory.subscribed(atMilliseconds: 0)
        #expect(!memory.hasLostBase)
        guard case .snapshot = try decode(Self.full, &memory) else { return #expect(Bool(false)) }
    }

    /// What a change says of a coin that the full state did not have, and what is known then.
    @Test(
        arguments: [
            (#"{"midPx":null,"markPx":"0.5"}"#, "0.5", nil, true, true), (#"{"midPx":null}"#, nil, nil, false, true),
            (#"{"midPx":"7.5"}"#, nil, "7.5", false, true), (#"{"markPx":"0.5"}"#, "0.5", nil, true, false),
            (#"{"markPx":null}"#, nil, nil, true, false), ("{}", nil, nil, false, false),
        ] as [(String, String?, String?, Bool, Bool)])
    func `a change adds a coin with the prices that are known`(
        _ json: String, _ mark: String?, _ mid: String?, _ isMarkKnown: Bool, _ isMidKnown: Bool
    ) throws {
        var memory = FastAssetContextsFeed.Memory()
        _ = try decode(Self.full, &memory)
        guard case .update(let contexts) = try decode(Self.message(#"{"hyna:ETH":\#(json)}"#), &memory) else {
            return #expect(Bool(false))
        }
        #expect(contexts.map(\.coin) == ["BTC", "ETH", "PURR", "hyna:ETH"])
        #expect(contexts.changed == ["hyna:ETH"])
        #expect(contexts["ETH"]?.midPrice?.description == "3100.15")
        let added = try #require(contexts["hyna:ETH"])
        #expect(added.markPrice?.description == mark)
        #expect(added.midPrice?.description == mid)
        #expect(added.isMarkPriceKnown == isMarkKnown)
        #expect(added.isMidPriceKnown == isMidKnown)
        #expect(JSONTree(encoded(added))?.sorted.description == JSONTree(json)?.sorted.description)
        #expect(!memory.hasLostBase)
        // Later changes complete it.
        guard
            case .update(let complete) = try decode(
                Self.message(#"{"hyna:ETH":{"markPx":"1.5"},"BTC":{"midPx":null}}"#), &memory),
            case .update(let last) = try decode(Self.message(#"{"hyna:ETH":{"midPx":"1.25"}}"#), &memory)
        else { return #expect(Bool(false)) }
        #expect(complete["hyna:ETH"]?.markPrice?.description == "1.5")
        #expect(complete["hyna:ETH"]?.isMidPriceKnown == isMidKnown)
        #expect(complete["BTC"]?.midPrice == nil && complete["BTC"]?.isMidPriceKnown == true)
        let both = FastContexts.Context(markPrice: ExactDecimal("1.5"), midPrice: ExactDecimal("1.25"))
        #expect(last["hyna:ETH"] == both)
    }

    @Test func `a memory that missed the full state takes no change for it`() throws {
        var memory = FastAssetContextsFeed.Memory()
        memory.subscribed(atMilliseconds: 0)
        memory.firstMessageArrived(.everythingIsLive)
        #expect(!memory.hasLostBase)
        let fault = #expect(throws: DecodingFault.self) {
            try decode(Self.message(#"{"BTC":{"markPx":"1.0","midPx":"1.0"}}"#), &memory)
        }
        #expect(fault?.code == .outOfOrder)
        #expect(memory.hasLostBase)
        memory.subscribed(atMilliseconds: 0)
        guard case .snapshot = try decode(Self.full, &memory) else { return #expect(Bool(false)) }
    }

    @Test func `a dispatcher reports that the base of its feed is lost`() throws {
        let dispatcher = _FeedDispatcher(feed: FastAssetContextsFeed())
        for (message, isLost) in [(Self.full, false), (Self.message("{}"), false), (Self.message("{"), true)] {
            let outcome = try withReader(message) { (reader) throws(DecodingFault) in
                _ = reader._readEnvelope()
                return FastAssetContextsFeed._dispatch(&reader, into: dispatcher)
            }
            #expect(dispatcher.hasLostBase == isLost)
            #expect(outcome == (isLost ? .fault : .delivered))
        }
        dispatcher.subscribed(atMilliseconds: 0)
        #expect(!dispatcher.hasLostBase)
    }
}
