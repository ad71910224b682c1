internal import ArgumentParser
internal import Hyperliquid

struct CoinsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coins",
        abstract: "List the coins that the exchange lists, as subscriptions spell them.",
        discussion: """
            PATTERN is a part of the coin or of its readable name, in any case. With * for any letters it is the whole name, \
            and case counts: 'xyz:*' lists a dex and '*/USDC' the pairs with USDC, and 'watch bbo:xyz:*' takes the same.
            """)

    @OptionGroup var network: NetworkOptions

    @Flag(help: "Print a JSON array with one object per coin.")
    var json = false

    @Argument(help: "What to look for; everything if left out.")
    var pattern: String?

    func validate() throws { try network.require() }

    func run() async throws {
        let universe = try await network.universe()
        let markets = universe.markets.filter { market in
            pattern.map { Self.matches(market.coin.name, $0) || Self.matches(market.name, $0) } ?? true
        }
        if json { printJSON(markets) } else { printTable(markets) }
        if markets.isEmpty { throw ExitCode(1) }
    }

    /// Whether a name has the pattern, or contains it in any case if it has no `*`.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.contains("*")
            ? NamePattern.matches(name, pattern) : name.lowercased().contains(pattern.lowercased())
    }

    private func printTable(_ markets: [Universe.Market]) {
        var table = Table(["coin", "name", "kind", "size decimals", "leverage", "state"])
        for market in markets {
            table.add([
                market.coin.name, market.name, Self.kind(market), market.sizeDecimals.map { "\($0)" } ?? "",
                market.maximumLeverage.map { "\($0)" } ?? "", market.isDelisted ? "delisted" : "",
            ])
        }
        Output.line(table.text)
    }

    private static func kind(_ market: Universe.Market) -> String {
        switch market.kind {
        case .perpetual(let dex): dex.isEmpty ? "perpetual" : "perpetual of \(dex)"
        case .spot: "spot"
        case .outcome: "outcome"
        }
    }

    private func printJSON(_ markets: [Universe.Market]) {
        var writer = JSONWriter()
        writer.beginArray()
        for market in markets {
            writer.beginObject()
            writer.field("coin", market.coin)
            writer.field("name", market.name)
            switch market.kind {
            case .perpetual(let dex):
                writer.field("kind", "perpetual")
                writer.field("dex", dex)
            case .spot(let base, let quote):
                writer.field("kind", "spot")
                writer.field("base", base)
                writer.field("quote", quote)
            case .outcome(let outcome, let side):
                writer.field("kind", "outcome")
                writer.field("outcome", outcome)
                writer.field("side", side)
            }
            writer.field(ifPresent: "szDecimals", market.sizeDecimals)
            writer.field(ifPresent: "maxLeverage", market.maximumLeverage)
            writer.field("delisted", market.isDelisted)
            writer.endObject()
        }
        writer.endArray()
        Output.bytes(writer.bytes)
    }
}
