internal import Hyperliquid
internal import Synchronization

/// The coins that the exchange lists, once it has said so. People are shown the readable names of spot pairs in the place
/// of `@107`, and shells complete coins without asking. Programs are shown the exchange's own spelling.
enum KnownCoins {
    /// The last answer; one process watches one network.
    private static let known = Mutex<Universe?>(nil)

    /// Takes in the listings of a network, unless they are the ones that are known.
    static func learn(_ universe: Universe, of network: String) {
        let isNew = known.withLock { known in
            defer { known = universe }
            return known != universe
        }
        if isNew { save(universe, of: network) }
    }

    /// The readable name of a coin; the coin itself if it has none.
    static func name(of coin: Coin) -> String {
        coin.name.hasPrefix("@") ? known.withLock { $0?[coin]?.name } ?? coin.name : coin.name
    }

    /// A text with the readable names in the place of such coins.
    static func spellOut(_ text: String) -> String {
        text.contains("@") ? text.replacing(/@[0-9]+/) { name(of: Coin(String($0.output))) } : text
    }

    // MARK: For shells

    /// The name of a network's file: letters, digits and dots, and `_` for any other sign.
    private static func fileName(of network: String) -> String {
        "coins-" + String(network.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_" })
    }

    /// Notes the coins that a network lists, and both names of spot pairs, one per line. A file that cannot be written is
    /// none.
    private static func save(_ universe: Universe, of network: String) {
        var names: [String] = []
        for market in universe.markets where !market.isDelisted {
            names.append(market.coin.name)
            if case .spot = market.kind, market.name != market.coin.name { names.append(market.name) }
        }
        Files.cache(Array((names.joined(separator: "\n") + "\n").utf8), as: fileName(of: network))
    }

    /// The names noted for a network; none if none are.
    static func notedNames(of network: String) -> [String] {
        // A file that cannot be read is none.
        let lines = Files.cacheFolder.flatMap { try? Files.lines("\($0)/\(fileName(of: network))") }
        return (lines ?? []).map(\.text)
    }
}
