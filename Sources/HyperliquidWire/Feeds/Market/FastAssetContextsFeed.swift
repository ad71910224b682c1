/// The mark and mid price of every coin, sent as compressed changes that are applied before delivery.
///
/// Shared; its messages carry no key. The first message is the full state. Each event is the full state too, so a
/// late subscriber needs no other. A change may name a coin that the full state did not have: the coin is added with
/// the prices that are known. A message that cannot be read is a fault and invalidates the state, and so is a first
/// message that is no full state: later messages are dropped, and ``FeedMemory/hasLostBase`` is `true`, until the feed
/// is subscribed to again.
public struct FastAssetContextsFeed: CatalogueFeed {
    /// Creates the feed.
    public init() {}

    /// `fastAssetCtxs`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "fastAssetCtxs", summary: "mark and mid price of every coin, as they change",
            example: FastAssetContextsFeed())
    }

    /// Creates the feed, which has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"fastAssetCtxs"}`
    public var request: FeedRequest { FeedRequest(type: "fastAssetCtxs") }

    /// Shared, routed by the channel alone.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "fastAssetCtxs", snapshot: .firstMessage, delivery: .latest, priority: .low, ticks: true)
    }

    /// Inflates a message and applies it.
    public static func decode(
        _ reader: inout MessageReader, memory: inout FastContextMemory
    ) throws(DecodingFault) -> Decoded<FastContexts> {
        guard !memory.hasLostBase else {
            try reader.skipValue()
            try reader.finish()
            return .nothing
        }
        let opening = reader.byteOffset
        do throws(DecodingFault) {
            let json = try reader.readDeflated()
            try reader.finish()
            return try unsafe json.withUnsafeBufferPointer { (buffer) throws(DecodingFault) in
                let span = unsafe Span(_unsafeElements: buffer)
                var inner = MessageReader(span)
                inner.isBare = true
                do throws(DecodingFault) {
                    let decoded = try memory.apply(&inner)
                    try inner.finish()
                    reader.unknownCount += inner.unknownCount
                    return decoded
                } catch {
                    // The path names the field inside the compressed text; the byte offset is that of the string.
                    let path = inner.located(error).path
                    throw DecodingFault(error.code, at: opening, field: path.isEmpty ? nil : path)
                }
            }
        } catch {
            memory.lose()
            throw error
        }
    }
}

extension FeedChoice {
    /// The mark and mid price of every coin, sent as compressed changes that are applied before delivery.
    public static var fastAssetCtxs: FeedChoice<FastAssetContextsFeed> { .feed(FastAssetContextsFeed()) }
}

extension MessageReader {
    /// Reads a string of base64 over raw DEFLATE and returns the decompressed bytes.
    mutating func readDeflated() throws(DecodingFault) -> [UInt8] {
        let opening = byteOffset
        let text = try readString()
        guard let compressed = Base64.decode(Array(text.utf8)), let bytes = Inflater.inflate(compressed) else {
            throw DecodingFault(.invalidCompression, at: opening)
        }
        return bytes
    }
}

/// The mark and mid price of every coin, and the coins that the last message changed: a collection in the venue's
/// order, with look-up by coin.
///
/// Always the full state. ``changed`` describes one message only: if events were conflated, compare the states.
///
/// Source: docs/protocol.md, "fastAssetCtxs".
public struct FastContexts: RandomAccessCollection {
    /// One coin's prices.
    ///
    /// A price is unknown only for a coin that the venue did not name in its full state, until a change names the price.
    public struct Context: Hashable, Sendable {
        /// The mark price, in quote units per base unit; `nil` if it is unknown or the venue sent null.
        public let markPrice: ExactDecimal?
        /// The middle of best bid and offer, in quote units per base unit; `nil` if it is unknown, or if the book is
        /// one-sided or empty.
        public let midPrice: ExactDecimal?
        /// Whether the venue has sent the mark price. If not, ``markPrice`` is `nil` and tells nothing.
        public let isMarkPriceKnown: Bool
        /// Whether the venue has sent the mid price. If not, ``midPrice`` is `nil` and tells nothing.
        public let isMidPriceKnown: Bool

        /// Creates a coin's prices, both known unless told otherwise. A price that is unknown is `nil`.
        public init(
            markPrice: ExactDecimal?, midPrice: ExactDecimal?, isMarkPriceKnown: Bool = true,
            isMidPriceKnown: Bool = true
        ) {
            self.markPrice = isMarkPriceKnown ? markPrice : nil
            self.midPrice = isMidPriceKnown ? midPrice : nil
            self.isMarkPriceKnown = isMarkPriceKnown
            self.isMidPriceKnown = isMidPriceKnown
        }
    }

    let table: CoinTable
    let contexts: [Context]
    /// The coins that the last message changed.
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

    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of coins.
    public var endIndex: Int { contexts.count }

    /// The coin and its prices at `position`.
    public subscript(position: Int) -> (coin: Coin, context: Context) { (table.coins[position], contexts[position]) }

    /// The prices of `coin`; `nil` if the venue has sent none.
    public subscript(coin: Coin) -> Context? { table.position(of: coin).map { contexts[$0] } }
}

extension FastContexts: Hashable {
    /// Returns whether both have the same prices for each coin, in whatever order. ``changed`` makes no difference.
    public static func == (lhs: FastContexts, rhs: FastContexts) -> Bool {
        guard lhs.count == rhs.count else { return false }
        if lhs.table === rhs.table || lhs.table.coins == rhs.table.coins { return lhs.contexts == rhs.contexts }
        return lhs.allSatisfy { rhs[$0.coin] == $0.context }
    }

    /// Hashes the prices of each coin.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(reduce(0) { $0 ^ ($1.coin.hashValue &+ $1.context.hashValue) })
    }
}

extension FastContexts: VenueValue {
    /// Reads a full state, written as the venue does before it compresses it. All its coins count as changed.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var rows = CoinRows<Context>()
        var object = try reader.beginObject()
        while let coin = try reader.nextCoinKey(&object) { rows.set(coin, to: try Context(from: &reader)) }
        self.init(table: rows.table(.empty), contexts: rows.values, changed: rows.coins)
    }

    /// Writes the full state as the venue does before it compresses it: `{coin:{"markPx":…,"midPx":…},…}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for (coin, context) in self { writer.field(coin.name, context) }
        writer.endObject()
    }
}

extension FastContexts.Context: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        self = try FastContextMemory.read(&reader, changing: nil)
    }

    /// Writes `{"markPx":…,"midPx":…}`, without a price that is unknown.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        if isMarkPriceKnown { writer.field(orNull: "markPx", markPrice) }
        if isMidPriceKnown { writer.field(orNull: "midPx", midPrice) }
        writer.endObject()
    }
}

/// The state to which the next change applies.
public struct FastContextMemory: FeedMemory {
    private enum State: Sendable {
        /// Subscribed: the full state comes next. Can transition to `known`, `missed` and `lost`.
        case awaited
        /// The full state came before this memory was there: the next message is a change that cannot be applied. Can
        /// transition to `awaited` and `lost`.
        case missed
        /// The state after the last message. Can transition to `awaited` and `lost`.
        case known(FastContexts)
        /// A change was not read or not applied, so later changes mean nothing. Can transition to `awaited`.
        case lost
    }

    private var state = State.awaited

    /// Creates an empty memory.
    public init() {}

    /// Forgets the state: a full message comes next.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) { state = .awaited }

    /// Notes whether the full state comes next, or came before this memory was there.
    public mutating func firstMessageArrived(_ cutoff: ReplayCutoff) {
        if cutoff == .everythingIsLive { state = .missed }
    }

    /// Whether a change could not be applied since the feed was subscribed to.
    public var hasLostBase: Bool {
        if case .lost = state { true } else { false }
    }

    /// Marks the state as lost: a message could not be read.
    mutating func lose() { state = .lost }

    /// Applies one message to the state.
    mutating func apply(_ reader: inout MessageReader) throws(DecodingFault) -> Decoded<FastContexts> {
        guard case .known(let base) = state else {
            if case .missed = state { throw DecodingFault(.outOfOrder, at: reader.byteOffset) }
            let first = try Self.apply(&reader, to: nil)
            state = .known(first)
            return .snapshot(first)
        }
        // `state` releases its reference, so that the rows of `base` can be changed in place.
        state = .lost
        let next = try Self.apply(&reader, to: base)
        state = .known(next)
        return .update(next)
    }

    private static func apply(
        _ reader: inout MessageReader, to base: FastContexts?
    ) throws(DecodingFault) -> FastContexts {
        var rows = base.map { CoinRows($0.table, $0.contexts) } ?? CoinRows()
        var changed: [Coin] = []
        var object = try reader.beginObject()
        while let coin = try reader.nextCoinKey(&object) {
            let start = reader.byteOffset
            let context = try Self.read(&reader, changing: rows[coin])
            // The full state gives both prices of each coin (docs/protocol.md, "fastAssetCtxs"). A first message with
            // one price is a change, and the state to which it applies is missing.
            guard base != nil || (context.isMarkPriceKnown && context.isMidPriceKnown) else {
                throw DecodingFault(.outOfOrder, at: start)
            }
            rows.set(coin, to: context)
            changed.append(coin)
        }
        return FastContexts(table: rows.table(base?.table ?? .empty), contexts: rows.values, changed: changed)
    }

    /// Reads the prices that have changed; the others are those of `known`, or unknown if the coin is new.
    fileprivate static func read(
        _ reader: inout MessageReader, changing known: FastContexts.Context?
    ) throws(DecodingFault) -> FastContexts.Context {
        var (markPrice, midPrice) = (known?.markPrice, known?.midPrice)
        var hasMark = known?.isMarkPriceKnown ?? false
        var hasMid = known?.isMidPriceKnown ?? false
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "markPx":
                markPrice = try reader.readNullable { (reader) throws(DecodingFault) in
                    try reader.readDecimal()
                }
                hasMark = true
            case "midPx":
                midPrice = try reader.readNullable { (reader) throws(DecodingFault) in
                    try reader.readDecimal()
                }
                hasMid = true
            default: try reader.skipUnknown()
            }
        }
        return FastContexts.Context(
            markPrice: markPrice, midPrice: midPrice, isMarkPriceKnown: hasMark, isMidPriceKnown: hasMid)
    }
}
