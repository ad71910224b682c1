internal import HyperliquidWire

/// One trade, in ticks and size units.
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

/// The latest trades of a coin, and the number of all.
struct TradeTape: Hashable, Sendable {
    private var records: [TradeRecord] = []
    /// The number of trades ever made.
    private(set) var total = 0

    /// The trades that a new subscription is sent: about thirty (docs/protocol.md, "trades").
    private static let replayCount = 30
    /// The number of trades that are kept at least. Older ones have been sent to every stream.
    private static let keptCount = 64

    mutating func append(_ record: TradeRecord) {
        records.append(record)
        total += 1
        // While the market catches up with many blocks, no stream reads the tape. So it is shortened here.
        if records.count > 8192 { records.removeFirst(records.count - Self.keptCount) }
    }

    /// Forgets trades that every stream has been sent by now.
    mutating func trim() {
        if records.count > 4 * Self.keptCount { records.removeFirst(records.count - Self.keptCount) }
    }

    /// The trades after the first `count`, as far as they are kept.
    func since(_ count: Int) -> ArraySlice<TradeRecord> { records.suffix(max(0, total - count)) }

    /// The trades that a new subscription is sent.
    var replay: ArraySlice<TradeRecord> { records.suffix(Self.replayCount) }
}
