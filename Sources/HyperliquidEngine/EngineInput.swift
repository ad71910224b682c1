package import HyperliquidWire

extension Engine {
    /// Every fact that the shell reports.
    package enum Input: Hashable, Sendable {
        /// The client runs: sockets may be opened.
        case started
        /// Somebody wants a feed. `timeout`: how long the caller waits for the acknowledgement, if it does.
        /// `waitsForLimits`: whether it waits when a limit is full, or fails at once.
        ///
        /// Indirect: its room would be every input's, which are moved about a dozen times.
        indirect case subscribed(SubscriptionID, FeedRequest, FeedTraits, timeout: Duration?, waitsForLimits: Bool)
        /// Somebody wants it no longer.
        case unsubscribed(SubscriptionID)
        /// A dial succeeded.
        case connectionOpened(ConnectionID)
        /// A connection ended, or its dial failed. `draw` is uniformly random.
        case connectionClosed(ConnectionID, CloseReason, draw: UInt64)
        /// An acknowledgement arrived, with the venue's echo.
        case acknowledged(ConnectionID, RequestKind, echo: FeedRequest)
        /// An error text arrived.
        case errorArrived(ConnectionID, VenueError)
        /// Data or a pong arrived; the shell tells at most once a second.
        case frameArrived(ConnectionID)
        /// Data arrived for a upstream subscription that is asked for and not acknowledged.
        case dataArrived(ConnectionID, UpstreamID)
        /// What arrives for a upstream subscription changes a state that is not known any more.
        case baseLost(ConnectionID, UpstreamID)
        /// Somebody has a request, and waits so long for its answer.
        case posted(PostID, PostKind, timeout: Duration)
        /// The answer to a request arrived; its caller has it.
        case postAnswered(ConnectionID, PostID)
        /// Its caller does not wait any more.
        case postCancelled(PostID)
        /// Data arrived for a live upstream subscription that ticks; the shell tells at most once a second of each.
        case upstreamTicked(ConnectionID, UpstreamID)
        /// The deadline has come, perhaps.
        case woke
        /// The client ends: everything is closed in order.
        case drained
    }
}

/// An acknowledgement: what the venue did, and its echo of what was asked for.
package enum Acknowledgement {
    /// Reads the data of a `subscriptionResponse`; nothing when it has another form.
    package static func read(_ reader: inout MessageReader) -> (RequestKind, FeedRequest)? {
        var kind: RequestKind?
        var echo: FeedRequest?
        do throws(DecodingFault) {
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) {
                switch key {
                case "method": kind = RequestKind(rawValue: try reader.readString())
                case "subscription": echo = try FeedRequest(from: &reader)
                default: try reader.skipUnknown()
                }
            }
        } catch {
            return nil
        }
        guard let kind, let echo else { return nil }
        return (kind, echo)
    }
}
