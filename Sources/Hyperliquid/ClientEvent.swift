internal import HyperliquidEngine

/// What the shell itself notices, beside the engine's notes: each is logged and counted.
enum ClientEvent {
    /// A connection is open.
    case opened(ConnectionID, address: String)
    /// A connection that was open has ended.
    case closed(ConnectionID)
    /// Subscribers were told of a gap.
    case gap(FeedRequest, Gap.Reason)
    /// A message could not be read; how many of its feed by now.
    case undecodable(FeedRequest, DecodingFault, count: Int)
    /// A subscriber was too slow for its buffer.
    case overflow(SubscriptionID, FeedRequest)
    /// A callback held up the loop.
    case slowCall(SubscriptionID, FeedRequest, Duration)
    /// A subscription ended with an error.
    case failed(SubscriptionID, HyperliquidError)
}
