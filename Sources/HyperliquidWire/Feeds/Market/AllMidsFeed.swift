/// The mid prices of all coins of a dex.
///
/// Shared and routed by dex. Every message has all coins, every 2 to 5 s (docs/protocol.md, "allMids", observed).
/// Messages of the main dex also contain spot pairs and outcome sides. A gap loses only intermediate prices.
public struct AllMidsFeed: CatalogueFeed {
    /// The dex: empty for the main one, `ALL_DEXS` for all of them in one stream.
    public let dex: String

    /// Creates the feed of a dex, the main one by default.
    public init(dex: String = "") {
        self.dex = dex
    }

    /// The name with which the venue's own frontend subscribes to all dexes at once (undocumented).
    static let allDexs = "ALL_DEXS"

    /// `allMids`, by dex.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "allMids", parameters: [.dex], summary: "mid prices of all coins of a dex", example: AllMidsFeed())
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(dex: try parameters.text("dex"))
    }

    /// `{"type":"allMids","dex":…}`, without `dex` for the main one.
    public var request: FeedRequest {
        FeedRequest(type: "allMids", fields: [("dex", .string(dex))])
    }

    /// Shared, routed by dex.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "allMids", route: .dex, routeKey: [dex], snapshot: .everyMessage, delivery: .latest,
            ticks: true)
    }

    /// Checks the dex's name.
    public func validate() throws(FeedParameterError) { try Dex.validate(dex) }

    /// Returns whether the prices are this dex's.
    ///
    /// The dex in messages of the stream of all dexes is undocumented; it is only known not to be empty.
    public func accepts(_ event: AllMids) -> Bool {
        event.dex == dex || (dex == Self.allDexs && !event.dex.isEmpty)
    }

    /// Reads the prices.
    public static func decode(
        _ reader: inout MessageReader, memory: inout CoinMemory
    ) throws(DecodingFault) -> Decoded<AllMids> {
        let mids = try AllMids(from: &reader, memory: &memory)
        try reader.finish()
        return .update(mids)
    }
}

extension FeedChoice {
    /// The mid prices of all coins of a dex, the main one by default.
    public static func allMids(dex: String = "") -> FeedChoice<AllMidsFeed> { .feed(AllMidsFeed(dex: dex)) }
}

/// The mid prices of all coins of a dex at a moment: a collection in the venue's order, with look-up by coin.
///
/// Source: docs/protocol.md, "allMids".
public struct AllMids: RandomAccessCollection {
    /// One coin's mid price.
    public struct Mid: Hashable, Sendable {
        /// The coin, as the venue spells it.
        public let coin: Coin
        /// The middle of best bid and offer, in quote units per base unit.
        public let price: ExactDecimal

        /// Creates a mid price.
        @inlinable public init(coin: Coin, price: ExactDecimal) {
            self.coin = coin
            self.price = price
        }
    }

    /// The dex; empty for the main one.
    public let dex: String
    @usableFromInline let table: CoinTable
    @usableFromInline let prices: [ExactDecimal]

    /// Creates mid prices. If a coin is given twice, the later price is used.
    public init(_ mids: some Sequence<(Coin, ExactDecimal)>, dex: String = "") {
        var rows = CoinRows<ExactDecimal>()
        for (coin, price) in mids { rows.set(coin, to: price) }
        self.init(dex: dex, table: rows.table(.empty), prices: rows.values)
    }

    init(dex: String, table: CoinTable, prices: [ExactDecimal]) {
        self.dex = dex
        self.table = table
        self.prices = prices
    }

    /// Always 0.
    @inlinable public var startIndex: Int { 0 }
    /// The number of coins.
    @inlinable public var endIndex: Int { prices.count }

    /// The coin and its price at `position`, in the venue's order.
    @inlinable public subscript(position: Int) -> Mid { Mid(coin: table.coins[position], price: prices[position]) }

    /// The mid price of `coin`; `nil` if it has none.
    public subscript(coin: Coin) -> ExactDecimal? { table.position(of: coin).map { prices[$0] } }
}

extension AllMids: Hashable {
    /// Returns whether both have the same dex, and the same price for each coin, in whatever order.
    public static func == (lhs: AllMids, rhs: AllMids) -> Bool {
        guard lhs.dex == rhs.dex, lhs.count == rhs.count else { return false }
        if lhs.table === rhs.table || lhs.table.coins == rhs.table.coins { return lhs.prices == rhs.prices }
        return lhs.allSatisfy { rhs[$0.coin] == $0.price }
    }

    /// Hashes the dex and the price of each coin.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(dex)
        hasher.combine(reduce(0) { $0 ^ $1.hashValue })
    }
}

extension AllMids: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var memory = CoinMemory()
        try self.init(from: &reader, memory: &memory)
    }

    init(from reader: inout MessageReader, memory: inout CoinMemory) throws(DecodingFault) {
        let table = memory.table
        if let prices = reader.fast({ Self.readPrices(fast: &$0, of: table) }) {
            self.init(dex: "", table: table, prices: prices)
            return
        }
        try self.init(anyOrder: &reader, memory: &memory)
    }

    /// Reads `{"mids":{"…":"…",…}}` with the coins of the last message, in its order, on the fast path.
    ///
    /// Nearly every message of the main dex names the same coins as the one before. Reading it this way takes a
    /// twentieth of the instructions of looking up each coin.
    private static func readPrices(fast reader: inout FastPathReader, of table: CoinTable) -> [ExactDecimal]? {
        guard !table.keys.isEmpty, reader.take(#"{"mids":{"#) else { return nil }
        var prices: [ExactDecimal] = []
        var isWhole = false
        prices.append(addingCapacity: table.keys.count) { output in
            // A local copy of the reader, so that its position can stay in a register.
            var own = reader
            for key in table.keys {
                guard output.isEmpty || own.take(","), key.take(from: &own), let price = own.decimal(before: "\"")
                else { return }
                output.append(price)
            }
            isWhole = own.take("}}")
            reader = own
        }
        return isWhole ? prices : nil
    }

    private init(anyOrder reader: inout MessageReader, memory: inout CoinMemory) throws(DecodingFault) {
        var rows: CoinRows<ExactDecimal>?, dex = ""
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "mids": rows = try Self.readRows(&reader)
            case "dex":
                dex = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readString() } ?? ""
            default: try reader.skipUnknown()
            }
        }
        let found = try reader.require(rows, "mids", in: object)
        memory.table = found.table(memory.table)
        self.init(dex: dex, table: memory.table, prices: found.values)
    }

    private static func readRows(_ reader: inout MessageReader) throws(DecodingFault) -> CoinRows<ExactDecimal> {
        var rows = CoinRows<ExactDecimal>()
        var object = try reader.beginObject()
        while let coin = try reader.nextCoinKey(&object) { rows.set(coin, to: try reader.readDecimal()) }
        return rows
    }

    /// Writes `{"mids":{…},"dex":…}`, without `dex` for the main one.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("mids")
        writer.beginObject()
        for mid in self { writer.field(mid.coin.name, mid.price) }
        writer.endObject()
        if !dex.isEmpty { writer.field("dex", dex) }
        writer.endObject()
    }
}
