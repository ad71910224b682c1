import Hyperliquid
import Support

/// Prints the trades of one coin as they happen. Ends after 20 messages.
@main struct TradesTail {
    static func main() async throws {
        try await withExampleClient { client in
            let trades = try await client.subscribe(to: .trades("BTC"))
            for try await event in trades.prefix(20) {
                switch event {
                case .snapshot(let trades):
                    print("\(trades.count) earlier trades")
                case .update(let trades):
                    for trade in trades {
                        print(
                            trade.timeMilliseconds, trade.side == .buy ? "buy " : "sell", trade.size, "at", trade.price)
                    }
                case .gap(let gap):
                    print("trades may be missing since \(gap.fromMilliseconds): \(gap.reason)")
                case .undecodable(let fault):
                    print("a message could not be read: \(fault)")
                }
            }
        }
    }
}
