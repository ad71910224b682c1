/// The coins that one message names, in its order, each once.
///
/// Messages about all coins name the same ones again and again, so their events share one table.
@usableFromInline final class CoinTable: Sendable {
    @usableFromInline let coins: [Coin]
    /// The coins as they are written as field names, for readers that expect them in this order. Empty if one name is
    /// too long.
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

/// The table of the last message, because the next one most likely names the same coins.
public struct CoinMemory: FeedMemory {
    var table = CoinTable.empty

    /// Creates an empty memory.
    public init() {}
    /// Keeps the table: coins stay the same on a new connection.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}
}

/// Collects coins with values. A coin that is named twice keeps its position and gets the later value.
struct CoinRows<Value> {
    private(set) var coins: [Coin]
    private(set) var values: [Value]
    private var positions: [Coin: Int]

    /// Starts with the coins and values of an earlier message, or with none.
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

    /// Returns the table of the coins: `known` itself if it has the same coins in the same order.
    func table(_ known: CoinTable) -> CoinTable {
        known.coins == coins ? known : CoinTable(coins: coins, positions: positions)
    }
}

/// A field name as the venue writes it in front of a decimal, `"BTC":"`, packed so that it is compared as two words.
struct PackedKey: Hashable, Sendable {
    private let first: UInt64
    /// The last eight bytes if there are more than eight; they overlap with the first eight.
    private let last: UInt64
    private let count: Int

    /// Packs a name; `nil` if it needs escapes or is longer than twelve bytes.
    init?(_ name: String) {
        guard name.utf8.count <= 12 else { return nil }
        // The quote before the name, the first byte in the least significant place.
        var written: UInt128 = 0x22
        var count = 1
        for byte in name.utf8 {
            guard byte >= 0x20, byte < 0x7f, byte != 0x22, byte != 0x5c else { return nil }
            written |= UInt128(byte) << UInt128(8 * count)
            count += 1
        }
        // The `":"` behind the name.
        written |= 0x22_3a_22 << UInt128(8 * count)
        self.count = count + 3
        first = UInt64(truncatingIfNeeded: written)
        last = UInt64(truncatingIfNeeded: written >> UInt128(8 * max(self.count - 8, 0)))
    }

    /// Moves the reader past the key if the message has it here; otherwise returns `false`.
    @inline(__always) func take(from reader: inout FastPathReader) -> Bool {
        let word = reader.word(at: reader.position)
        if count < 8 {
            guard (word ^ first) &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count) == 0 else { return false }
        } else {
            guard word == first, reader.word(at: reader.position &+ count &- 8) == last else { return false }
        }
        reader.position &+= count
        return true
    }
}
