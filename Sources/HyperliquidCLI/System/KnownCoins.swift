internal import Hyperliquid
internal import Synchronization

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// What the exchange has said that it lists: for people, who are shown the readable names of spot pairs and not `@107`, and
/// for shells, which complete coins without asking. Programs are shown the exchange's own spelling.
enum KnownCoins {
    /// The readable names by coin; empty until the exchange has said what it lists. One process watches one network.
    private static let names = Mutex<[String: String]>([:])

    /// Takes in what a network lists.
    static func learn(_ universe: Universe, of network: String) {
        let pairs = universe.markets.filter { if case .spot = $0.kind { true } else { false } }
        names.withLock { names in
            for market in pairs where names[market.coin.name] == nil { names[market.coin.name] = market.name }
        }
        save(universe, of: network)
    }

    /// The readable name of a coin; the coin itself if it has none.
    static func name(of coin: Coin) -> String {
        coin.name.hasPrefix("@") ? names.withLock { $0[coin.name] } ?? coin.name : coin.name
    }

    /// A text with the readable names in the place of such coins.
    static func spellOut(_ text: String) -> String {
        text.contains("@") ? text.replacing(/@[0-9]+/) { name(of: Coin(String($0.output))) } : text
    }

    // MARK: For shells

    /// `$XDG_CACHE_HOME/hyperliquid`, or `~/.cache/hyperliquid`; `nil` if neither is known.
    private static var folder: String? {
        if let cache = environment("XDG_CACHE_HOME") { return cache + "/hyperliquid" }
        return environment("HOME").map { $0 + "/.cache/hyperliquid" }
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name), unsafe value.pointee != 0 else { return nil }
        return unsafe String(cString: value)
    }

    /// The file of a network, whose name is made of what a file's name may have.
    private static func path(in folder: String, of network: String) -> String {
        let name = network.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_" }
        return "\(folder)/coins-\(String(name))"
    }

    /// Notes the coins that a network lists, and both names of spot pairs, one per line. A file that cannot be written is
    /// none.
    private static func save(_ universe: Universe, of network: String) {
        guard let folder else { return }
        var names: [String] = []
        for market in universe.markets where !market.isDelisted {
            names.append(market.coin.name)
            if case .spot = market.kind, market.name != market.coin.name { names.append(market.name) }
        }
        let parent = folder.split(separator: "/").dropLast().joined(separator: "/")
        _ = unsafe mkdir("/" + parent, 0o755)
        _ = unsafe mkdir(folder, 0o755)
        Files.replace(path(in: folder, of: network), with: Array((names.joined(separator: "\n") + "\n").utf8))
    }

    /// The names noted for a network; none if none are.
    static func notedNames(of network: String) -> [String] {
        guard let folder, let lines = try? Files.lines(path(in: folder, of: network)) else { return [] }
        return lines.map(\.text)
    }
}
