internal import Hyperliquid

/// Receives COUNT data frames through the client's public API, and prints their cost as one JSON line.
@main struct Throughput {
    /// Not `async`: that would end the main thread, which valgrind does not support.
    static func main() {
        Task.detached { await run() }
        while true { sleep(milliseconds: 1_000_000) }
    }

    private static func run() async {
        guard let arguments = Arguments(CommandLine.arguments) else {
            print("usage: throughput [--mode callback|batches|events] ws://HOST:PORT/ws MIX COUNT")
            print("       MIX is l2Book, bbo, trades, allMids or mixed (coins from RIG_COINS)")
            exit(64)
        }
        do {
            let client = try HyperliquidClient(
                network: .custom(api: arguments.url, explorer: arguments.url), configuration: configuration(arguments))
            try await follow(arguments, on: client)
        } catch {
            print("\(error)")
        }
        exit(1)
    }

    /// Runs on the client's event loop, as the readers do, so that hundreds of subscriptions need no change of threads.
    private static func follow(_ arguments: Arguments, on client: isolated HyperliquidClient) async throws {
        let consumer = Consumer(tally: Tally(arguments))
        try await withThrowingDiscardingTaskGroup { group in
            // With many subscribers of one feed, the client starts last, so that none of them misses the first frames.
            let runsLast = arguments.consumerCount > 1
            if !runsLast { group.addTask { try await client.run() } }
            consumer.tally.start()
            try await subscribe(client, arguments.mix, consumer, in: &group)
            if runsLast { group.addTask { try await client.run() } }
        }
    }

    /// Raises the limits: there is no real venue, and they would only slow down the start.
    private static func configuration(_ arguments: Arguments) -> ClientConfiguration {
        var configuration = ClientConfiguration()
        if case .wide(let coins) = arguments.mix {
            configuration.policy = .isolated(sharedLimit: (coins.count - 1) / arguments.connectionCount + 1)
        }
        configuration.limits.subscriptions = 1_000_000
        configuration.limits.subscriptionsPerConnection = 1_000_000
        configuration.limits.messagesPerSecond = 1_000_000
        configuration.limits.messagesPerMinute = 1_000_000
        return configuration
    }

    private static func subscribe(
        _ client: isolated HyperliquidClient, _ mix: Mix, _ consumer: Consumer,
        in group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        switch mix {
        case .l2Book: try await consumer.follow([L2BookFeed(coin: "BTC")], on: client, in: &group)
        case .bbo:
            let count = consumer.tally.arguments.consumerCount
            try await consumer.follow(
                Array(repeating: BestBidOfferFeed(coin: "BTC"), count: count), on: client, in: &group)
        case .wide(let coins):
            try await consumer.follow(coins.map { BestBidOfferFeed(coin: $0) }, on: client, in: &group)
        case .trades: try await consumer.follow([TradesFeed(coin: "BTC")], on: client, in: &group)
        case .allMids: try await consumer.follow([AllMidsFeed()], on: client, in: &group)
        case .mixed(let coins):
            try await consumer.follow([AllMidsFeed()], on: client, in: &group)
            try await consumer.follow(coins.map { L2BookFeed(coin: $0) }, on: client, in: &group)
            try await consumer.follow(coins.map { BestBidOfferFeed(coin: $0) }, on: client, in: &group)
            try await consumer.follow(coins.map { TradesFeed(coin: $0) }, on: client, in: &group)
        }
    }
}
