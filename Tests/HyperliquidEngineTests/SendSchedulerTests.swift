import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct SendSchedulerTests {
    @Test func `an upstream subscription that leaves its slot is in no queue any more`() {
        let slot = SlotID(1)
        var sender = SendScheduler(configuration: EngineConfiguration())
        for (number, coin) in [(1, "BTC"), (2, "ETH")] as [(UInt64, Coin)] {
            sender.queueSubscribe(.made(number, TradesFeed(coin: coin)), on: slot)
            sender.queueUnsubscribe(UpstreamID(number), on: slot)
        }
        sender.remove(UpstreamID(1), from: slot)
        #expect(sender.queuedSubscribes(on: slot) == [UpstreamID(2)])
        #expect(sender.nextUnsubscribe(on: slot) == UpstreamID(2))
        #expect(!sender.isQueued(UpstreamID(1), on: slot) && sender.isQueued(UpstreamID(2), on: slot))
    }
}
