/// The prices to which the next change applies.
public struct FastContextMemory: FeedMemory {
    private var state: FastContexts?

    /// No state to change yet.
    public init() {}

    /// Forgets the state: a full message comes first.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) { state = nil }

    /// Applies one message to the state; after a fault there is none until the feed is asked for again.
    mutating func apply(_ reader: inout MessageReader) throws(DecodingFault) -> Decoded<FastContexts> {
        let base = state
        state = nil
        var rows = base.map { CoinRows($0.table, $0.contexts) } ?? CoinRows()
        var changed: [Coin] = []
        var object = try reader.beginObject()
        while let coin = try reader.nextCoinKey(&object) {
            let start = reader.byteOffset
            var context = rows[coin] ?? FastContexts.Context()
            let isComplete = try Self.read(&reader, into: &context)
            // The venue's full message gives both prices of each coin; one of them alone is a change.
            guard base != nil || isComplete else { throw DecodingFault(.outOfOrder, at: start) }
            rows.set(coin, to: context)
            changed.append(coin)
        }
        let event = FastContexts(table: rows.table(base?.table ?? .empty), contexts: rows.values, changed: changed)
        state = event
        return base == nil ? .snapshot(event) : .update(event)
    }

    /// Reads the prices that have changed and says whether both were given.
    private static func read(
        _ reader: inout MessageReader, into context: inout FastContexts.Context
    ) throws(DecodingFault) -> Bool {
        var (hasMark, hasMid) = (false, false)
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "markPx":
                context.markPrice = try reader.readNullable { (reader) throws(DecodingFault) in
                    try reader.readDecimal()
                }
                hasMark = true
            case "midPx":
                context.midPrice = try reader.readNullable { (reader) throws(DecodingFault) in
                    try reader.readDecimal()
                }
                hasMid = true
            default: try reader.skipUnknown()
            }
        }
        return hasMark && hasMid
    }
}
