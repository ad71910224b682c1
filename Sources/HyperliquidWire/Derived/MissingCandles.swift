/// A span of a ``CandleSeries`` without candles, between two that are there.
public struct MissingCandles: Hashable, Sendable {
    /// The span's first millisecond, by the venue's clock: milliseconds since 1970.
    public let openTime: Int64
    /// The span's last millisecond.
    public let closeTime: Int64
    /// Whether a gap lay in it, so that it may hold candles that were not seen. If not, the venue sent none: it sends
    /// nothing of an interval without trades (docs/protocol.md, "candle").
    public let mayHideTrades: Bool

    /// Describes a span.
    public init(openTime: Int64, closeTime: Int64, mayHideTrades: Bool) {
        self.openTime = openTime
        self.closeTime = closeTime
        self.mayHideTrades = mayHideTrades
    }
}
