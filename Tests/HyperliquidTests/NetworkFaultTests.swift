import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import NIOConcurrencyHelpers
import TestPacing
import Testing

/// A client behind a network with faults, compared with one that has none.
@Suite("Network faults", .heavyOverLoopback, .timeLimit(.minutes(30))) struct NetworkFaultTests {
    private static let coins = ["BTC", "ETH", "SOL"]

    /// The trades and gaps of each coin, in the order of their delivery.
    private final class Record: Sendable {
        enum Entry: Hashable, Sendable {
            case trade(Int64)
            case gap
        }

        private let entries = NIOLockedValueBox<[String: [Entry]]>([:])
        let arrivals = Inbox<Void>()

        func add(_ event: FeedEvent<[Trade]>, of coin: String) {
            entries.withLockedValue { entries in
                if case .gap = event { entries[coin, default: []].append(.gap) }
                for trade in event.data ?? [] { entries[coin, default: []].append(.trade(trade.tradeID)) }
            }
            arrivals.put(())
        }

        subscript(coin: String) -> [Entry] { entries.withLockedValue { $0[coin] ?? [] } }

        func lastTrade(of coin: String) -> Int64 {
            self[coin].reversed().lazy.compactMap { if case .trade(let id) = $0 { id } else { nil } }.first ?? 0
        }
    }

    /// Faults of one kind, each with the sizes that it is tried with.
    struct Kind: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Whether a connection goes on with the fault.
        var lasts = false
        let fault: @Sendable (inout SplitMix64) -> FaultProxy.Fault
    }

    static let kinds: [Kind] = [
        Kind(testDescription: "reset") { _ in .reset },
        Kind(testDescription: "end within a frame") { _ in .end },
        Kind(testDescription: "nothing to the client") { _ in .nothingToClient },
        Kind(testDescription: "nothing to the venue", lasts: true) { _ in .nothingToVenue },
        Kind(testDescription: "half open") { _ in .halfOpen },
        Kind(testDescription: "stall", lasts: true) { .stall(byteCount: Int($0.next() % 20_000)) },
        Kind(testDescription: "split", lasts: true) { .split(byteCount: 1 + Int($0.next() % 40)) },
        Kind(testDescription: "any") { generator in
            [.reset, .end, .nothingToClient, .halfOpen][Int(generator.next() % 4)]
        },
    ]

    private static var engine: EngineConfiguration {
        var engine = EngineConfiguration.quick
        // A silent connection is found soon, but not a slow one under sanitizers.
        engine.idleTimeout = .milliseconds(300)
        engine.pongTimeout = .seconds(1)
        return engine
    }

    @Test(arguments: kinds) func `every lost trade is in a gap, none comes twice, and all is live at the end`(
        kind: Kind
    ) async throws {
        let seed: UInt64 = 11
        let faultyCount = 3
        let exchange = try await Addresses.startExchange(.quick)
        let proxy = try await FaultProxy.start(before: exchange.port) { number in
            guard number < faultyCount else { return nil }
            var generator = SplitMix64(seed: seed << 8 | UInt64(number))
            let fault = kind.fault(&generator)
            // A connection that lasts is subscribed on first.
            return FaultProxy.Plan(fault: fault, byteCount: (kind.lasts ? 40_000 : 0) + Int(generator.next() % 20_000))
        }
        let behind = "ws://127.0.0.1:\(proxy.port)/ws"
        let (witness, record) = (Record(), Record())
        try await withClient(of: .custom(api: exchange.url, explorer: exchange.explorerURL)) { direct in
            try await withClient(of: .custom(api: behind, explorer: exchange.explorerURL), engine: Self.engine) {
                client in
                for coin in Self.coins {
                    let trades = TradesFeed(coin: Coin(coin))
                    try await direct.subscribe(to: .feed(trades)) { witness.add($0, of: coin) }
                    try await client.subscribe(to: .feed(trades), until: .registered) { record.add($0, of: coin) }
                }
                // Until the last faulty connection is over.
                while try await proxy.connectionCount() <= (kind.lasts ? 0 : faultyCount) {
                    _ = try await witness.arrivals.next()
                }
                for coin in Self.coins {
                    // A stalled connection brings these once enough has been sent.
                    let last = witness.lastTrade(of: coin)
                    while record.lastTrade(of: coin) <= last { _ = try await record.arrivals.next() }
                    let end = record.lastTrade(of: coin)
                    while witness.lastTrade(of: coin) < end { _ = try await witness.arrivals.next() }
                    Self.compare(record[coin], with: witness[coin], "\(coin), seed \(seed)")
                }
            }
        }
        await proxy.stop()
        await exchange.stop()
    }

    /// Checks that of two trades that follow each other, the venue made none between, unless a gap is announced there.
    private static func compare(_ record: [Record.Entry], with witness: [Record.Entry], _ what: String) {
        #expect(!witness.contains(.gap), "the witness has a gap: \(what)")
        let positions = Dictionary(uniqueKeysWithValues: witness.enumerated().map { ($0.element, $0.offset) })
        var last: Int?
        var hasGap = false
        for entry in record {
            guard case .trade(let id) = entry else {
                hasGap = true
                continue
            }
            // What the venue repeats of the time before the witness began is older than its first trade.
            guard let position = positions[entry] else {
                #expect(last == nil, "the trade \(id) was never made: \(what)")
                continue
            }
            if let last {
                #expect(position > last, "the trade \(id) comes twice or late: \(what)")
                #expect(position == last + 1 || hasGap, "\(position - last - 1) trades before \(id) are lost: \(what)")
            }
            last = max(last ?? position, position)
            hasGap = false
        }
        #expect(last != nil, "\(what)")
    }
}
