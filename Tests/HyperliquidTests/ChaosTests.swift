import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import NIOConcurrencyHelpers
import TestPacing
import Testing

/// Connections die at random under load. At the end all subscriptions are live, and none got another's messages.
@Suite("Chaos", .heavyOverLoopback, .timeLimit(.minutes(30))) struct ChaosTests {
    static let coins = ["BTC", "ETH", "SOL", "HYPE", "XRP", "DOGE", "ADA", "AVAX", "LINK", "SUI"]
    static let users = (1...4).map { "0x" + String(repeating: "\($0)", count: 40) }

    /// A hundred feeds of all three types.
    static let feeds: [RawFeed] = {
        var feeds: [RawFeed] = [RawFeed(type: "allMids")]
        for coin in coins {
            for type in ["trades", "bbo", "activeAssetCtx", "l2Book"] {
                feeds.append(RawFeed(type: type, fields: [("coin", .string(coin))]))
            }
            for interval in ["1m", "5m", "1h"] {
                feeds.append(
                    RawFeed(type: "candle", fields: [("coin", .string(coin)), ("interval", .string(interval))]))
            }
        }
        for figures in 2...4 {
            feeds.append(
                RawFeed(type: "l2Book", fields: [("coin", .string("BTC")), ("nSigFigs", .integer(Int64(figures)))]))
        }
        for user in users {
            for type in ["userFills", "orderUpdates", "userEvents", "openOrders", "webData3", "userFundings"] {
                feeds.append(RawFeed(type: type, fields: [("user", .string(user))]))
            }
        }
        return feeds
    }()

    /// What one subscriber has seen.
    struct Seen: Sendable {
        var dataCount = 0
        var strangers: [String] = []
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `connections that die at random lose no subscription and mix up no messages`(seed: UInt64) async throws {
        var exchange = ExchangeConfiguration.quick
        exchange.seed = seed
        exchange.subscriptionLimit = 10_000
        var generator = SplitMix64(seed: seed)
        let seen = NIOLockedValueBox<[SubscriptionID: Seen]>([:])
        let arrivals = Inbox<SubscriptionID>()
        try await withExchange(exchange) { client, exchange in
            var feeds: [SubscriptionID: RawFeed] = [:]
            for feed in Self.feeds {
                let id = try await client.subscribe(to: .feed(feed)) { id, event in
                    guard let data = event.data else { return }
                    let stranger = Self.stranger(data.text, to: feed.request)
                    seen.withLockedValue {
                        $0[id, default: Seen()].dataCount += 1
                        if let stranger { $0[id]?.strangers.append(stranger) }
                    }
                    arrivals.put(id)
                }
                feeds[id] = feed
            }
            #expect(await client.connectionInfo().connections.count > 3)
            for _ in 0..<15 {
                // Between two deaths some events arrive, so that connections die at all stages of their restoration.
                for _ in 0..<generator.next() % 40 { _ = try await arrivals.next() }
                let target = Int(generator.next() % 10)
                let fault: FaultAction =
                    switch generator.next() % 8 {
                    case 0: .kill(.all)
                    case 1, 2: .expire(.at(target))
                    default: .kill(.at(target))
                    }
                await exchange.perform(fault)
            }
            // Faults off: each feed that ticks must come again, each subscription be live.
            let ticking = feeds.filter { $0.value.request.type == "trades" }
            var missing = Set(ticking.keys)
            while !missing.isEmpty { missing.remove(try await arrivals.next()) }
            for id in feeds.keys { try await client.untilLive(id) }
            let all = seen.withLockedValue { $0 }
            for (id, feed) in feeds {
                #expect(all[id]?.strangers ?? [] == [], "seed \(seed): \(feed.request)")
            }
            #expect(await client.subscriptions().count == Self.feeds.count)
        }
    }

    /// What a message shows of another coin or user than the feed's.
    static func stranger(_ text: String, to request: FeedRequest) -> String? {
        if request.type == "candle" {
            let isMine =
                text.contains(#""s":"\#(request.text("coin"))""#)
                && text.contains(#""i":"\#(request.text("interval"))""#)
            return isMine ? nil : text
        }
        if let user = request.user {
            // Messages of these types name no user.
            guard !["orderUpdates", "userEvents"].contains(request.type) else { return nil }
            return text.lowercased().contains(user) ? nil : text
        }
        guard request["coin"] != nil else { return nil }
        return text.contains(#""coin":"\#(request.text("coin"))""#) ? nil : text
    }
}

extension HyperliquidClient {
    /// Waits until a subscription is live: a second subscription on its feed is confirmed when it is.
    func untilLive(_ id: SubscriptionID) async throws {
        let info = try #require(subscription(id))
        let probe = try await subscribe(to: .feed(RawFeed(info.request))) { _ in }
        #expect(subscription(id)?.state == .live)
        try unsubscribe(probe)
    }
}
