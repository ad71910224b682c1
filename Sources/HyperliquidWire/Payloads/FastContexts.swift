/// Mark and mid price of every coin, with what the last message changed: a collection in the venue's order, and a
/// look-up by coin.
///
/// Always the full state. ``changed`` is of this message alone: where events were conflated, compare the states.
///
/// Source: docs/protocol.md, "fastAssetCtxs".
public struct FastContexts: RandomAccessCollection, Sendable {
    /// One coin's prices.
    public struct Context: Hashable, Sendable {
        /// The mark price, in quote units a base unit; nothing when the venue says that there is none.
        public let markPrice: ExactDecimal?
        /// The middle of best bid and offer, in quote units a base unit; nothing when the book is one-sided or empty.
        public let midPrice: ExactDecimal?

        /// Creates a coin's prices.
        public init(markPrice: ExactDecimal?, midPrice: ExactDecimal?) {
            self.markPrice = markPrice
            self.midPrice = midPrice
        }
    }

    let table: CoinTable
    let contexts: [Context]
    /// The coins that the message named.
    public let changed: [Coin]

    /// Creates a state from all coins in the venue's order, and the coins that the last message changed. If a coin is
    /// listed twice, its last prices are used.
    public init(_ contexts: some Sequence<(Coin, Context)>, changed: [Coin] = []) {
        var rows = CoinRows<Context>()
        for (coin, context) in contexts { rows.set(coin, to: context) }
        self.init(table: rows.table(.empty), contexts: rows.values, changed: changed)
    }

    init(table: CoinTable, contexts: [Context], changed: [Coin]) {
        self.table = table
        self.contexts = contexts
        self.changed = changed
    }

    /// Zero.
    public var startIndex: Int { 0 }
    /// The number of coins.
    public var endIndex: Int { contexts.count }

    /// The coin and its prices at `position`.
    public subscript(position: Int) -> (coin: Coin, context: Context) { (table.coins[position], contexts[position]) }

    /// The prices of `coin`, or nothing when the venue named no such coin.
    public subscript(coin: Coin) -> Context? { table.position(of: coin).map { contexts[$0] } }
}

extension FastContexts: JSONWritable {
    /// Writes the full state as the venue does before it compresses it: `{coin:{"markPx":…,"midPx":…},…}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for (coin, context) in self { writer.field(coin.name, context) }
        writer.endObject()
    }
}

extension FastContexts.Context: JSONWritable {
    /// Writes `{"markPx":…,"midPx":…}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field(ifPresent: "markPx", markPrice)
        writer.field(orNull: "midPx", midPrice)
        writer.endObject()
    }
}
