import Bot
import Hyperliquid
import HyperliquidSimulator
import Testing

@Suite("A bot against a simulated exchange") struct QuotingBotTests {
    @Test(.timeLimit(.minutes(1))) func `the bot stands aside while its connection is down, and then quotes again`()
        async throws
    {
        let exchange = try await SimulatedExchange.start()
        let network = HyperliquidNetwork.custom(api: exchange.url, explorer: exchange.explorerURL)
        try await withHyperliquidClient(network: network) { client in
            var bot = QuotingBot(coin: "BTC")
            var best = try await client.subscribe(to: .bbo("BTC")).makeAsyncIterator()
            for _ in 1...3 {
                try await wait(for: &bot, reading: &best) { $0 != .standingAside }
                await exchange.perform(.kill(.all))
                try await wait(for: &bot, reading: &best) { $0 == .standingAside }
            }
            try await wait(for: &bot, reading: &best) { $0 != .standingAside }
        }
        await exchange.stop()
    }

    /// Applies events to the bot until it has an expected stance.
    private func wait(
        for bot: inout QuotingBot, reading events: inout Subscription<BestBidOfferFeed>.AsyncIterator,
        until isExpected: (QuotingBot.Stance) -> Bool
    ) async throws {
        while !isExpected(bot.stance) {
            bot.apply(try #require(await events.next()))
        }
    }
}
