/// The coins that one message names, in its order, each once.
///
/// Messages about all coins name the same ones time after time, so their events share one table.
@usableFromInline final class CoinTable: Sendable {
    @usableFromInline let coins: [Coin]
    /// How the coins are written as fields, for readers that expect them in this order; empty if one is too long.
    let keys: [PackedKey]
    fileprivate let positions: [Coin: Int]

    static let empty = CoinTable(coins: [], positions: [:])

    init(coins: [Coin], positions: [Coin: Int]) {
        self.coins = coins
        self.positions = positions
        let keys = coins.compactMap { PackedKey($0.name) }
        self.keys = keys.count == coins.count ? keys : []
    }

    func position(of coin: Coin) -> Int? { positions[coin] }
}

/// The table that the last message named, which the next one most likely names again.
public struct CoinMemory: FeedMemory {
    var table = CoinTable.empty

    /// No table yet.
    public init() {}
    /// Keeps the table: coins stay the same on a new connection.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}
}

/// Collects coins with values; a coin named twice keeps its place and gets the later value.
struct CoinRows<Value> {
    private(set) var coins: [Coin]
    private(set) var values: [Value]
    private var positions: [Coin: Int]

    /// Starts with what is known already: by default nothing.
    init(_ table: CoinTable = .empty, _ values: [Value] = []) {
        coins = table.coins
        positions = table.positions
        self.values = values
    }

    mutating func set(_ coin: Coin, to value: Value) {
        if let position = positions[coin] {
            values[position] = value
        } else {
            positions[coin] = coins.count
            coins.append(coin)
            values.append(value)
        }
    }

    subscript(coin: Coin) -> Value? { positions[coin].map { values[$0] } }

    /// The table of the coins; `known` itself when it names the same ones in the same order.
    func table(_ known: CoinTable) -> CoinTable {
        known.coins == coins ? known : CoinTable(coins: coins, positions: positions)
    }
}
