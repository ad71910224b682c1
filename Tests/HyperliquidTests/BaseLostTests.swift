import Hyperliquid
import TestPacing
import Testing

@Suite("Lost base", .overLoopback, .timeLimit(.minutes(30))) struct BaseLostTests {
    let feed = FastAssetContextsFeed()

    /// Base64 over one stored block of raw DEFLATE.
    func message(_ json: String) -> String {
        let bytes = Array(json.utf8)
        let (low, high) = (UInt8(bytes.count & 0xff), UInt8(bytes.count >> 8))
        return #"{"channel":"fastAssetCtxs","data":"\#(base64([1, low, high, ~low, ~high] + bytes))"}"#
    }

    func base64(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index <= group.count ? digits[Int(bits >> UInt32(18 - 6 * index)) & 63] : "=")
            }
        }
        return text
    }

    @Test func `a change that names a new coin adds it, and nothing is lost`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(feed, through: .callback, on: client)
            try await venue.send(
                message(#"{"BTC":{"markPx":"1.0","midPx":"1.5"}}"#), message(#"{"hyna:ETH":{"midPx":null}}"#),
                message(#"{"BTC":{"markPx":"2.0"}}"#))
            guard case .snapshot = try await reader.event(), case .update(let second) = try await reader.event(),
                case .update(let third) = try await reader.event()
            else { throw Unexpected() }
            #expect(second["hyna:ETH"]?.isMidPriceKnown == true && second["hyna:ETH"]?.isMarkPriceKnown == false)
            #expect(third["BTC"]?.markPrice?.description == "2.0" && third.count == 2)
            #expect(try await client.metrics(of: reader.id).gapCount == 0)
            #expect(try await venue.subscribeCount() == 1)
        }
    }

    @Test func `a second feed type that joins after the full state is given it by a new subscribe`() async throws {
        try await withScript { client, venue in
            let raw = try await Reader(RawFeed(feed.request), through: .callback, on: client)
            try await venue.send(message(#"{"BTC":{"markPx":"1.0","midPx":"1.5"}}"#))
            _ = try await raw.data()
            let typed = try await Reader(feed, through: .callback, on: client)
            try await venue.received(Messages.subscribe(feed))
            // It looks like a full state, and is a change.
            try await venue.send(message(#"{"BTC":{"markPx":"2.0","midPx":"2.5"}}"#))
            try await venue.received(Messages.subscribe(feed))
            try await venue.send(
                message(#"{"BTC":{"markPx":"3.0","midPx":"3.5"},"ETH":{"markPx":"1.0","midPx":null}}"#))
            let state = try await typed.data()
            #expect(state.count == 2 && state["BTC"]?.markPrice?.description == "3.0")
        }
    }

    @Test func `a feed whose base is lost is subscribed anew after a gap`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(feed, through: .callback, on: client)
            let other = try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client)
            try await venue.send(
                message(#"{"BTC":{"markPx":"1.0","midPx":"1.5"}}"#), message(#"{"BTC":{"markPx":"2.0"}}"#))
            guard case .snapshot = try await reader.event(), case .update(let second) = try await reader.event() else {
                throw Unexpected()
            }
            #expect(second["BTC"]?.markPrice?.description == "2.0")
            // A change that cannot be read: what follows has nothing to be applied to.
            try await venue.send(#"{"channel":"fastAssetCtxs","data":"!!"}"#, message(#"{"BTC":{"markPx":"3.0"}}"#))
            guard case .undecodable = try await reader.event() else { throw Unexpected() }
            try await venue.received(Messages.unsubscribe(feed))
            try await venue.received(Messages.subscribe(feed))
            try await venue.send(message(#"{"BTC":{"markPx":"4.0","midPx":"4.5"}}"#), Messages.trade(1))
            #expect(try await reader.gap().reason == .undecodable)
            #expect(try await reader.gap().reason == .baseLost)
            guard case .snapshot(let state) = try await reader.event() else { throw Unexpected() }
            #expect(state["BTC"]?.markPrice?.description == "4.0")
            _ = try await other.data()
            #expect(try await client.metrics(of: other.id).gapCount == 0)
        }
    }
}
