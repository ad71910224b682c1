import Hyperliquid
import HyperliquidSimulator
import NIOConcurrencyHelpers
import TestPacing
import Testing

@Suite("Stepped exchange", .overLoopback, .timeLimit(.minutes(30))) struct SteppedExchangeTests {
    /// What a client is sent in a minute of market: every message as it came, with its times.
    private static func minute(seed: UInt64) async throws -> [String] {
        return try await withSteppedExchange(seed: seed) { client, exchange in
            let messages = NIOLockedValueBox<[String]>([])
            try await client.onRawMessage { bytes in
                messages.withLockedValue { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
            try await client.subscribe(to: .trades("BTC"), onEvent: { _ in })
            try await client.subscribe(to: .bbo("ETH"), onEvent: { _ in })
            try await client.subscribe(to: .userFills(user: .example), onEvent: { _ in })
            // The two variants of the book need a connection each.
            try await client.subscribe(to: .l2Book("BTC"), onEvent: { _ in })
            try await client.subscribe(to: .l2Book("BTC", fast: true), onEvent: { _ in })
            for _ in 0..<60 { try await exchange.step(by: .seconds(1)) }
            return messages.withLockedValue { $0 }
        }
    }

    @Test func `the same seed and the same steps give the same messages, byte for byte`() async throws {
        let first = try await Self.minute(seed: 7)
        #expect(first.count > 100)
        #expect(try await Self.minute(seed: 7) == first)
        #expect(try await Self.minute(seed: 8) != first)
    }

    @Test func `time stands still between the steps, and a step is complete when it returns`() async throws {
        try await withSteppedExchange { client, exchange in
            let start = await exchange.now
            #expect(start == 1_790_000_000_000)
            let times = NIOLockedValueBox<[Int64]>([])
            try await client.subscribe(
                to: .l2Book("BTC", fast: true),
                onEvent: { event in times.withLockedValue { $0 += event.data.map { [$0.timeMilliseconds] } ?? [] } })
            try await exchange.step(by: .seconds(10))
            #expect(await exchange.now == start + 10_000)
            let seen = times.withLockedValue { $0 }
            #expect(seen.count >= 19 && seen.allSatisfy { (start...start + 10_000).contains($0) })
            try await exchange.step(by: .zero)
            #expect(times.withLockedValue { $0 } == seen)
        }
    }

    @Test func `scripted events reach their subscribers beside the market's`() async throws {
        try await withSteppedExchange { client, exchange in
            let user = Address.example
            let hash = try #require(TransactionHash("0x" + String(repeating: "0", count: 64)))
            let trade = Trade(
                coin: "BTC", side: .buy, price: 65_000, size: 1.5, timeMilliseconds: await exchange.now, hash: hash,
                tradeID: 77, buyer: user, seller: user)
            let liquidation = Liquidation(
                liquidationID: 1, liquidator: user, liquidatedUser: user, liquidatedNotional: 10,
                liquidatedAccountValue: 1)
            let trades = try await client.subscribe(to: .trades("BTC"))
            let events = try await client.subscribe(to: .userEvents(user: user))
            try await exchange.publish([trade], on: TradesFeed(coin: "BTC"))
            try await exchange.publish(.liquidation(liquidation), on: UserEventsFeed(user: user))
            for try await event in trades where event.data?.contains(trade) == true { break }
            for try await event in events where event.data == .liquidation(liquidation) { break }
            let unknown = await #expect(throws: SimulatorError.self) {
                try await exchange.publish([trade], on: TradesFeed(coin: "btc"))
            }
            #expect(unknown?.description.contains("spelling") == true)
        }
    }

    @Test func `a running exchange is not stepped, and no step is negative`() async throws {
        let exchange = try await Addresses.startExchange()
        let running = await #expect(throws: SimulatorError.self) { try await exchange.step(by: .seconds(1)) }
        #expect(running?.description.contains("isStepped") == true)
        await exchange.stop()
        var configuration = ExchangeConfiguration()
        configuration.isStepped = true
        let stepped = try await Addresses.startExchange(configuration)
        let negative = await #expect(throws: SimulatorError.self) { try await stepped.step(by: .seconds(-1)) }
        #expect(negative?.description.contains("forward") == true)
        await stepped.stop()
    }
}
