/// The prices to which the next change applies.
public struct FastContextMemory: FeedMemory {
    private enum State: Sendable {
        /// Asked for: the full state comes next. Can move to `known` and `lost`.
        case awaited
        /// The state after the last message. Can move to `awaited` and `lost`.
        case known(FastContexts)
        /// A change could not be applied: what follows it means nothing. Can move to `awaited`.
        case lost
    }

    private var state = State.awaited

    /// No state to change yet.
    public init() {}

    /// Forgets the state: a full message comes first.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) { state = .awaited }

    /// Whether a change could not be applied since the feed was asked for.
    public var hasLostBase: Bool {
        if case .lost = state { true } else { false }
    }

    /// There is no state any more: a message could not be read.
    mutating func lose() { state = .lost }

    /// Applies one message to the state.
    mutating func apply(_ reader: inout MessageReader) throws(DecodingFault) -> Decoded<FastContexts> {
        guard case .known(let base) = state else {
            let first = try Self.apply(&reader, to: nil)
            state = .known(first)
            return .snapshot(first)
        }
        // Given up here, so that the rows can be changed where they lie.
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
            let known = rows[coin]
            let (context, isComplete) = try Self.read(&reader, changing: known)
            // The full message gives both prices of each coin, and so does the first change of a new one
            // (docs/protocol.md, "fastAssetCtxs"); one price alone is a change of something that is not here.
            guard known != nil || isComplete else { throw DecodingFault(.outOfOrder, at: start) }
            rows.set(coin, to: context)
            changed.append(coin)
        }
        return FastContexts(table: rows.table(base?.table ?? .empty), contexts: rows.values, changed: changed)
    }

    /// Reads the prices that have changed; the others are those of `known`. `isComplete` is `true` if both were given.
    private static func read(
        _ reader: inout MessageReader, changing known: FastContexts.Context?
    ) throws(DecodingFault) -> (context: FastContexts.Context, isComplete: Bool) {
        var (markPrice, midPrice) = (known?.markPrice, known?.midPrice)
        var (hasMark, hasMid) = (false, false)
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
        return (FastContexts.Context(markPrice: markPrice, midPrice: midPrice), hasMark && hasMid)
    }
}
