package import HyperliquidWire

extension Engine {
    /// A fact that the shell reports to the engine.
    package enum Input: Hashable, Sendable {
        /// The client was started: connections may be dialled from now on.
        case started
        /// A subscriber asked for a feed. `timeout` is how long the caller waits for the acknowledgement, `nil` if it
        /// does not wait. `waitsForLimits` tells whether the subscription waits when a limit is used up; otherwise it
        /// fails.
        ///
        /// Indirect, because the large payload would enlarge every input, and inputs are moved about a dozen times.
        indirect case subscribed(SubscriptionID, FeedRequest, FeedTraits, timeout: Duration?, waitsForLimits: Bool)
        /// A subscriber ended its subscription.
        case unsubscribed(SubscriptionID)
        /// A dial succeeded.
        case connectionOpened(ConnectionID)
        /// A connection ended, or its dial failed. `draw` is a uniformly random number, for the jitter of the backoff.
        case connectionClosed(ConnectionID, CloseReason, draw: UInt64)
        /// An acknowledgement arrived, with the request as the venue echoes it.
        case acknowledged(ConnectionID, RequestKind, echo: FeedRequest)
        /// An error text of the venue arrived.
        case errorArrived(ConnectionID, VenueError)
        /// Data arrived; reported at most once per second and connection.
        case frameArrived(ConnectionID)
        /// A pong arrived.
        case pongArrived(ConnectionID)
        /// Bytes arrived, which need not complete a message; reported at most once per second and connection.
        case bytesArrived(ConnectionID)
        /// Data arrived for an upstream subscription that is asked for and not acknowledged.
        case dataArrived(ConnectionID, UpstreamID)
        /// An upstream subscription brings changes to a state that the client has lost, so it must be subscribed again.
        case baseLost(ConnectionID, UpstreamID)
        /// A caller made a post; `timeout` is how long it waits for the answer.
        case posted(PostID, PostKind, weight: Int = 1, timeout: Duration)
        /// The answer to a post arrived, and the shell has given it to the caller. It adds this weight to the post's own.
        case postAnswered(ConnectionID, PostID, addedWeight: Int = 0)
        /// The venue did not execute a post, because the requests weighed too much, and said so with this text.
        case postLimited(ConnectionID, PostID, String)
        /// The caller of a post was cancelled.
        case postCancelled(PostID)
        /// Data arrived for a live upstream subscription that ticks; reported at most once per second and subscription.
        case upstreamTicked(ConnectionID, UpstreamID)
        /// The timer fired. The deadline may have moved since it was set.
        case woke
        /// The client ends: subscriptions and posts fail, and all connections are closed.
        case drained
    }
}

/// Reads acknowledgements: the kind of the request and the venue's echo of it.
package enum Acknowledgement {
    /// Reads the data of a `subscriptionResponse`; `nil` if it has another form.
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
