/// What is known of one subscription.
public struct SubscriptionInfo: Sendable {
    /// How far a subscription has come.
    public enum State: Hashable, Sendable {
        /// Not acknowledged yet, or again: for what it waits, and since when, in milliseconds since 1970 by the local
        /// clock.
        case waiting(for: Wait, sinceMilliseconds: Int64)
        /// Acknowledged by the venue.
        case live
    }

    /// What a subscription waits for; its description says what would help.
    public enum Wait: String, Hashable, Sendable, CaseIterable {
        /// The client does not run yet.
        case start
        /// Its connection is being dialled, or waits between dials.
        case connection
        /// The connections allowed are all in use.
        case connectionLimit
        /// The subscriptions allowed are all in use.
        case subscriptionLimit
        /// The users allowed are all in use, or linger.
        case userLimit
        /// Its turn to be sent has not come.
        case messageLimit
        /// It has been sent; the venue has not answered.
        case acknowledgement
        /// An earlier subscription of the same feed is still being ended.
        case unsubscription
        /// It is suspected of killing its connection and waits to be tried alone.
        case probe
    }

    /// Its id.
    public let id: SubscriptionID
    /// What was asked for, in canonical form.
    public let request: FeedRequest
    /// How its feed may share a connection.
    public let connectionType: ConnectionType
    /// How far it has come.
    public let state: State
    /// The user whose feed it is, in lower case.
    public let user: String?
    /// How it is delivered; nothing for a callback, which is called at once.
    public let delivery: DeliveryPolicy?
    /// When it was registered, in milliseconds since 1970 by the local clock.
    public let registeredMilliseconds: Int64
    /// When the venue acknowledged it, in milliseconds since 1970 by the local clock.
    public let subscribedMilliseconds: Int64?
    /// The slot that carries it, as ``ConnectionInfo`` numbers them.
    public let slot: UInt64?
}

/// What one subscription has received.
public struct SubscriptionMetrics: Hashable, Sendable {
    /// Its id.
    public let id: SubscriptionID
    /// Messages of the venue that were routed to it; a message may hold many trades.
    public let messageCount: Int
    /// Their bytes.
    public let byteCount: Int
    /// When the last one came, in milliseconds since 1970 by the local clock.
    public let lastMessageMilliseconds: Int64?
    /// How much later the last message came than the venue says it was made, by the local clock; nothing where the
    /// feed does not say, and for a snapshot. Negative when the local clock is behind.
    public let lag: Duration?
    /// When the venue acknowledged it, in milliseconds since 1970 by the local clock.
    public let subscribedMilliseconds: Int64?
    /// The time since then.
    public let uptime: Duration
    /// The mean rate since then.
    public let messagesPerMinute: Double
    /// Messages in the last 60 s.
    public let messagesInLastMinute: Int
    /// Gaps announced; those of its own full buffer are not counted here.
    public let gapCount: Int
    /// Messages that could not be read.
    public let undecodableCount: Int
    /// Fields and words that this package does not know yet; their messages were delivered all the same.
    public let unknownCount: Int
    /// Events that wait for the reader; 0 for a callback.
    public let queueDepth: Int
    /// States that a newer one replaced before they were read.
    public let conflatedCount: Int
    /// Events dropped because the buffer was full; a gap counted them.
    public let droppedCount: Int
    /// Calls of its callback that took 10 ms or more, during which every other feed had to wait.
    public let slowCallCount: Int
}
