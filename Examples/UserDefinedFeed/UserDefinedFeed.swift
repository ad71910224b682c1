import Hyperliquid
import Support

/// Subscribes to a feed that this program defines. Ends after ten events.
@main struct UserDefinedFeed {
    static func main() async throws {
        try await withExampleClient { client in
            let spreads = try await client.subscribe(to: .spread("BTC"))
            for try await event in spreads.prefix(10) {
                switch event {
                case .snapshot(let spread): print(spread.time, "the spread of \(spread.coin) is", spread.width)
                case .update(let spread): print(spread.time, "the spread is now", spread.width)
                case .gap(let gap): print("spreads may be missing: \(gap.reason)")
                case .undecodable(let fault): print("a message could not be read: \(fault)")
                }
            }
        }
    }
}
