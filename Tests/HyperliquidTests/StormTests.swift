import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import NIOConcurrencyHelpers
import TestPacing
import Testing

/// A hundred tasks subscribe and unsubscribe at a venue with limits far below the documented ones.
@Suite("Storm", .heavyOverLoopback, .timeLimit(.minutes(30))) struct StormTests {
    /// How the tasks' requests ended.
    struct Tally: Sendable {
        var answered = 0
        var refused: [HyperliquidError.Code: Int] = [:]
    }

    private static let users = (1...8).map { "0x" + String(repeating: "\($0)", count: 40) }

    /// Sixty feeds of all types, many of which are ambiguous.
    private static let feeds: [RawFeed] = {
        let coins = ["BTC", "ETH", "SOL", "HYPE", "XRP"]
        var feeds = coins.flatMap { coin in
            ["trades", "bbo", "activeAssetCtx", "l2Book"].map { RawFeed(type: $0, fields: [("coin", .string(coin))]) }
        }
        feeds += (2...5).map {
            RawFeed(type: "l2Book", fields: [("coin", .string("BTC")), ("nSigFigs", .integer($0))])
        }
        feeds += users.flatMap { user in
            ["orderUpdates", "userEvents", "userFills", "openOrders"].map {
                RawFeed(type: $0, fields: [("user", .string(user))])
            }
        }
        return feeds + ["explorerBlock", "explorerTxs", "allMids", "spotAssetCtxs"].map { RawFeed(type: $0) }
    }()

    private func limitEngine(_ engine: inout EngineConfiguration) {
        engine.limits.connections = 3
        engine.limits.subscriptions = 20
        engine.limits.users = 4
        engine.limits.messagesPerMinute = 280
    }

    private var harsh: ExchangeConfiguration {
        var exchange = ExchangeConfiguration.quick
        // Its minutes pass in three seconds, its users linger for 100 ms.
        exchange.speed = 20
        exchange.activity = 0.2
        exchange.userLinger = .seconds(2)
        exchange.connectionLimit = 3
        exchange.subscriptionLimit = 20
        exchange.userLimit = 4
        exchange.messagesPerMinuteLimit = 300
        return exchange
    }

    @Test(arguments: [true, false]) func `every caller gets an answer and nothing is left behind`(
        isTold: Bool
    ) async throws {
        let seed: UInt64 = 7
        var engine = EngineConfiguration.quick
        engine.limits.userLinger = .milliseconds(150)
        engine.messageLimitPause = .milliseconds(200)
        engine.limitRetry = .milliseconds(200)
        if isTold { limitEngine(&engine) }
        let log = LogInbox()
        let lines = try await withExchange(harsh, engine: engine, configuration: log.configuration) { client, _ in
            var lines: [LogInbox.Line] = []
            let tally = NIOLockedValueBox(Tally())
            await withTaskGroup(of: Void.self) { group in
                for number in UInt64(0)..<100 {
                    group.addTask { await Self.comeAndGo(SplitMix64(seed: seed << 32 | number), client, tally) }
                }
            }
            let all = tally.withLockedValue { $0 }
            let allowed: Set<HyperliquidError.Code> = [.timedOut, .limitReached, .cancelled]
            #expect(Set(all.refused.keys).isSubset(of: allowed), "seed \(seed): \(all)")
            #expect(all.answered + all.refused.values.reduce(0, +) == 200, "seed \(seed): \(all)")
            #expect(all.answered > 0, "seed \(seed)")
            #expect(await client.subscriptions().isEmpty)
            #expect(await client.allMetrics().isEmpty)
            // Each connection that ends is logged before its slot goes.
            while await !client.connectionInfo().connections.isEmpty { lines.append(try await log.lines.next()) }
            let used = await client.connectionInfo().limits.filter {
                ["connections", "subscriptions"].contains($0.name)
            }
            #expect(used.map(\.used) == [0, 0])
            return lines
        }
        let refusals = (lines + log.lines.takeAll()).filter { $0.message == "Limit of the venue" }
        if isTold { #expect(refusals.map(\.metadata) == [], "seed \(seed): a limit that was known was passed") }
    }

    /// Two subscriptions, one after the other; each is held for a moment, or ended at once.
    private static func comeAndGo(
        _ generator: SplitMix64, _ client: HyperliquidClient, _ tally: NIOLockedValueBox<Tally>
    ) async {
        var generator = generator
        for _ in 0..<2 {
            let feed = feeds[Int(generator.next() % UInt64(feeds.count))]
            let waits = generator.next() % 4 > 0
            let isRead = generator.next() % 2 == 0
            do throws(HyperliquidError) {
                let subscription = try await client.subscribe(
                    to: .feed(feed), waitsForLimits: waits, timeout: .seconds(5))
                if isRead { _ = await client.subscription(subscription.id) }
                try await client.unsubscribe(subscription.id)
                tally.withLockedValue { $0.answered += 1 }
            } catch {
                tally.withLockedValue { $0.refused[error.code, default: 0] += 1 }
            }
        }
    }
}
