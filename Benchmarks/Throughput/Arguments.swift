internal import Hyperliquid

/// The way in which events reach the consumer.
enum Mode: String {
    case callback
    case batches
    case events
}

/// The feeds that are subscribed to.
enum Mix {
    case l2Book
    case bbo
    case trades
    case allMids
    /// The books, best bids and offers, and trades of each coin, and `allMids`.
    case mixed([Coin])
    /// The best bids and offers of each coin.
    case wide([Coin])

    init?(_ name: String, coins: [Coin]) {
        switch name {
        case "l2Book": self = .l2Book
        case "bbo": self = .bbo
        case "trades": self = .trades
        case "allMids": self = .allMids
        case "mixed": self = .mixed(coins)
        case "wide": self = .wide(coins)
        default: return nil
        }
    }
}

/// The arguments of the command line and of the environment.
struct Arguments {
    private(set) var mode = Mode.callback
    let url: String
    let mixName: String
    let mix: Mix
    let count: Int
    /// Whether to measure latency. The times in the frames are then the system's, in nanoseconds.
    let measuresLatency: Bool
    /// Whether to print the resident size at the first frame, after a tenth of the frames and at the end.
    let measuresMemory: Bool
    /// How long the consumer sleeps at its first frame.
    let stallMilliseconds: Int
    /// How long the consumer is busy at each frame.
    let slowMicroseconds: Int
    /// The number of connections of the mix `wide`.
    let connectionCount: Int
    /// The number of subscribers of the feed `bbo`.
    let consumerCount: Int

    var isSlow: Bool { stallMilliseconds > 0 || slowMicroseconds > 0 }

    init?(_ words: [String]) {
        var words = words.dropFirst()
        if words.first == "--mode" {
            guard let mode = words.dropFirst().first.flatMap(Mode.init) else { return nil }
            self.mode = mode
            words = words.dropFirst(2)
        }
        let rest = Array(words)
        let coins = (environment("RIG_COINS") ?? "").split(separator: " ").map { Coin(String($0)) }
        guard rest.count == 3, let mix = Mix(rest[1], coins: coins), let count = Int(rest[2]), count > 0 else {
            return nil
        }
        url = rest[0]
        mixName = rest[1]
        self.mix = mix
        self.count = count
        measuresLatency = environment("RIG_LATENCY") == "1"
        measuresMemory = environment("RIG_MEMORY") == "1"
        connectionCount = max(environment("RIG_CONNECTIONS").flatMap(Int.init) ?? 1, 1)
        consumerCount = max(environment("RIG_CONSUMERS").flatMap(Int.init) ?? 1, 1)
        stallMilliseconds = environment("RIG_STALL_MS").flatMap(Int.init) ?? 0
        slowMicroseconds = environment("RIG_SLOW_US").flatMap(Int.init) ?? 0
    }
}
