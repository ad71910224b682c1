/// One candle of a ``CandleSeries``, with what is known of its wholeness.
public struct SeriesCandle: Hashable, Sendable {
    /// What the price did, as far as the venue has said.
    public internal(set) var candle: Candle
    /// Whether its last state may have been missed: a gap came after the last message of it that was seen.
    ///
    /// Of the open candle the next message makes it whole again, because each message is the whole candle. A candle
    /// that closed so stays marked until ``CandleSeries/backfill(_:from:through:)`` brings its end.
    public internal(set) var mayBeIncomplete = false
    /// Whether a gap came between the candle before it and this one's first message.
    public internal(set) var followsGap: Bool
}
