/// A span of a ``CandleSeries`` without candles, between two that are there.
public struct MissingCandles: Hashable, Sendable {
    /// The span's first millisecond, by the venue's clock: milliseconds since 1970.
    public let openTimeMilliseconds: Int64
    /// The span's last millisecond.
    public let closeTimeMilliseconds: Int64
    /// Whether a gap lay in it, so that it may hold candles that were not seen. If not, the venue sent none: it sends
    /// nothing of an interval without trades (docs/protocol.md, "candle").
    public let mayHideTrades: Bool

    /// Describes a span.
    public init(openTimeMilliseconds: Int64, closeTimeMilliseconds: Int64, mayHideTrades: Bool) {
        self.openTimeMilliseconds = openTimeMilliseconds
        self.closeTimeMilliseconds = closeTimeMilliseconds
        self.mayHideTrades = mayHideTrades
    }
}
