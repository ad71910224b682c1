internal import HyperliquidWire

/// One trade, as it was made.
struct TradeRecord: Hashable, Sendable {
    let price: Int64
    let size: Int64
    let time: Int64
    /// Whether the taker bought.
    let isBuy: Bool
    let tradeID: Int64
    let hash: TransactionHash
    let buyer: Address
    let seller: Address
}

/// The last trades of a coin, and how many there were in all.
struct TradeTape: Hashable, Sendable {
    private(set) var records: [TradeRecord] = []
    /// How many were made since the start.
    private(set) var total = 0

    /// What a new subscription is shown: about thirty (docs/protocol.md, "trades").
    static let replayCount = 30
    /// What is kept at least; far behind that, nobody has not seen them.
    private static let keptCount = 64

    mutating func append(_ record: TradeRecord) {
        records.append(record)
        total += 1
        // Nobody reads while many blocks are caught up with: keep it bounded.
        if records.count > 8192 { records.removeFirst(records.count - Self.keptCount) }
    }

    /// Forgets what every stream has seen by now.
    mutating func trim() {
        if records.count > 4 * Self.keptCount { records.removeFirst(records.count - Self.keptCount) }
    }

    /// The trades after the first `count`, as far as they are kept.
    func since(_ count: Int) -> ArraySlice<TradeRecord> { records.suffix(max(0, total - count)) }

    /// What a new subscription is shown.
    var replay: ArraySlice<TradeRecord> { records.suffix(Self.replayCount) }
}
