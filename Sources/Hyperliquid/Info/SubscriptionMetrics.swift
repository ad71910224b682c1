/// Counts and times of the messages that one subscription has received.
///
/// No event is lost uncounted: at any moment, ``receivedCount`` is the sum of ``deliveredCount``, ``conflatedCount``,
/// ``droppedCount`` and ``pendingCount``. These five count events with data; gaps and messages that could not be
/// decoded have counts of their own.
public struct SubscriptionMetrics: Hashable, Sendable {
    /// The subscription's id.
    public let id: SubscriptionID
    /// The request for the subscription's feed, in canonical form.
    public let request: FeedRequest
    /// The number of messages that were routed to the subscription since it began. One message may hold many trades.
    public let messageCount: Int
    /// The size of these messages in bytes.
    public let byteCount: Int
    /// When the last message came, in milliseconds since 1970 by the local clock; `nil` before the first one.
    public let lastMessageMilliseconds: Int64?
    /// How much longer the last message took than the fastest one of the last 5 to 10 min, by the time stamps of the
    /// venue's messages. The local clock may be wrong (``ConnectionInfo/clockSkew``); if it jumps, the next message has
    /// the right lag again. `nil` unless the last message was an update with a time stamp.
    public let lag: Duration?
    /// When the subscription first was live, in milliseconds since 1970 by the local clock; `nil` before.
    public let subscribedMilliseconds: Int64?
    /// The time since `subscribedMilliseconds`, times without a connection included; zero if it is `nil`.
    public let uptime: Duration
    /// The mean rate of messages over `uptime`; 0 while that is zero.
    public let messagesPerMinute: Double
    /// The number of messages in the present second and the 59 s before it.
    public let messagesInLastMinute: Int
    /// The number of gaps announced, other than those for events that the subscription's full buffer dropped.
    public let gapCount: Int
    /// The number of messages that could not be decoded. Shared by all subscriptions of the feed's identity.
    public let undecodableCount: Int
    /// The number of fields and enumeration values that this version does not know. Their messages were delivered.
    /// Shared by all subscriptions of the feed's identity.
    public let unknownCount: Int
    /// The number of events that wait for the reader, gaps and undecodable messages included; 0 for a callback.
    public let queueDepth: Int
    /// The number of events with data that were received for this subscription since it began. A message may hold
    /// none, one or several; what a subscription is given when it joins a live feed counts, too.
    public let receivedCount: Int
    /// The number of received events that were given to the subscriber: a callback was called with them, or the
    /// reader has taken them out of the buffer. A reader takes all that wait at once, also if it reads them one by one.
    public let deliveredCount: Int
    /// The number of received events that a newer state replaced before they were read, with the policy `latest`;
    /// otherwise 0.
    public let conflatedCount: Int
    /// The number of received events that the policy `droppingOldest` dropped, which a gap announces at the next read,
    /// or that did not fit when the policy `buffered` ended the subscription; otherwise 0.
    public let droppedCount: Int
    /// The number of received events that wait for the reader. They wait even after the subscription's end, until they
    /// are read.
    public let pendingCount: Int
    /// The number of calls of the subscription's callback that took about 10 ms or more. Nothing else is received while
    /// a callback runs.
    public let slowCallCount: Int

    /// Makes a value, for tests of code that reads one.
    public init(
        id: SubscriptionID, request: FeedRequest, messageCount: Int = 0, byteCount: Int = 0,
        lastMessageMilliseconds: Int64? = nil,
        lag: Duration? = nil, subscribedMilliseconds: Int64? = nil, uptime: Duration = .zero,
        messagesPerMinute: Double = 0, messagesInLastMinute: Int = 0, gapCount: Int = 0, undecodableCount: Int = 0,
        unknownCount: Int = 0, queueDepth: Int = 0, receivedCount: Int = 0, deliveredCount: Int = 0,
        conflatedCount: Int = 0, droppedCount: Int = 0, pendingCount: Int = 0, slowCallCount: Int = 0
    ) {
        self.id = id
        self.request = request
        self.messageCount = messageCount
        self.byteCount = byteCount
        self.lastMessageMilliseconds = lastMessageMilliseconds
        self.lag = lag
        self.subscribedMilliseconds = subscribedMilliseconds
        self.uptime = uptime
        self.messagesPerMinute = messagesPerMinute
        self.messagesInLastMinute = messagesInLastMinute
        self.gapCount = gapCount
        self.undecodableCount = undecodableCount
        self.unknownCount = unknownCount
        self.queueDepth = queueDepth
        self.receivedCount = receivedCount
        self.deliveredCount = deliveredCount
        self.conflatedCount = conflatedCount
        self.droppedCount = droppedCount
        self.pendingCount = pendingCount
        self.slowCallCount = slowCallCount
    }
}

extension SubscriptionMetrics: CustomStringConvertible {
    /// The id, the feed, and the most important counts in one line.
    public var description: String {
        "subscription \(id) of \(request): \(messageCount) messages, \(messagesInLastMinute) in the last minute, "
            + "\(pendingCount) pending, \(droppedCount) dropped, \(gapCount) gaps"
    }
}
