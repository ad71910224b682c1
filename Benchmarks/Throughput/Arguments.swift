internal import Hyperliquid

/// How events reach the consumer.
enum Mode: String {
    case callback
    case batches
    case events
}

/// What is subscribed to.
enum Mix {
    case l2Book
    case bbo
    case trades
    case allMids
    /// Books, best prices and trades of each coin, and allMids.
    case mixed([Coin])
    /// Best prices of each coin.
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

/// The command line and the environment.
struct Arguments {
    private(set) var mode = Mode.callback
    let url: String
    let mixName: String
    let mix: Mix
    let count: Int
    /// The frames' times are the system's, in nanoseconds: measure how late they come.
    let measuresLatency: Bool
    /// Tell the resident size at the first frame, after a tenth and at the end.
    let measuresMemory: Bool
    /// How long the consumer sleeps at its first frame, and how long it is busy at each one.
    let stallMilliseconds: Int
    let slowMicroseconds: Int
    /// Over how many connections `wide` is spread, and how many subscribers a feed of one coin has.
    let connectionCount: Int
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
        connectionCount = max(environment("RIG_LINKS").flatMap(Int.init) ?? 1, 1)
        consumerCount = max(environment("RIG_CONSUMERS").flatMap(Int.init) ?? 1, 1)
        stallMilliseconds = environment("RIG_STALL_MS").flatMap(Int.init) ?? 0
        slowMicroseconds = environment("RIG_SLOW_US").flatMap(Int.init) ?? 0
    }
}
