/// The state of one subscription.
public struct SubscriptionInfo: Sendable {
    /// Whether a subscription is live, and whether it brings what it should.
    public enum State: Hashable, Sendable {
        /// The subscription is not live. `for` is the reason for which it waits now; `sinceMilliseconds` is the time at
        /// which it stopped being live or began to wait, in milliseconds since 1970 by the local clock.
        case waiting(for: WaitReason, sinceMilliseconds: Int64)
        /// The venue has acknowledged the subscription, or has sent data for it.
        case live
        /// The feed sends states at intervals, but nothing new has come since `sinceMilliseconds`: the time of the last
        /// message, or of the acknowledgement if there was none, in milliseconds since 1970 by the local clock. The feed
        /// was asked for again, also on another connection. Further attempts follow at intervals that grow to 10 min,
        /// each with a gap of the reason `stale`.
        case silent(sinceMilliseconds: Int64)
    }

    /// The subscription's id.
    public let id: SubscriptionID
    /// The request for the subscription's feed, in canonical form.
    public let request: FeedRequest
    /// The connection type of the subscription's feed.
    public let connectionType: ConnectionType
    /// Whether the subscription is live, or what it waits for.
    public let state: State
    /// The user of the subscription's feed, in lower case; `nil` for a feed without a user.
    public let user: String?
    /// The delivery policy of the subscription's buffer; `nil` for a callback, which has no buffer.
    public let delivery: DeliveryPolicy?
    /// When the subscription was registered, in milliseconds since 1970 by the local clock.
    public let registeredMilliseconds: Int64
    /// When the subscription first was live, in milliseconds since 1970 by the local clock; `nil` before.
    public let subscribedMilliseconds: Int64?
    /// The number of the subscription's connection, as in ``ConnectionInfo/Connection/id``; `nil` while it has none.
    public let connection: UInt64?
    /// Why the last dial of the feed's address failed, or its last connection was lost; `nil` if the subscription is
    /// live, or a dial there has succeeded since.
    public let lastFailure: ConnectionFailure?

    /// Makes a value, for tests of code that reads one.
    public init(
        id: SubscriptionID, request: FeedRequest, connectionType: ConnectionType, state: State, user: String? = nil,
        delivery: DeliveryPolicy? = nil, registeredMilliseconds: Int64, subscribedMilliseconds: Int64? = nil,
        connection: UInt64? = nil, lastFailure: ConnectionFailure? = nil
    ) {
        self.id = id
        self.request = request
        self.connectionType = connectionType
        self.state = state
        self.user = user
        self.delivery = delivery
        self.registeredMilliseconds = registeredMilliseconds
        self.subscribedMilliseconds = subscribedMilliseconds
        self.connection = connection
        self.lastFailure = lastFailure
    }
}

extension SubscriptionInfo: CustomStringConvertible {
    /// The id, the feed and the state in one line.
    public var description: String { "subscription \(id) of \(request): \(state)" }
}

extension SubscriptionInfo.State: CustomStringConvertible {
    /// The state, and what is waited for.
    public var description: String {
        switch self {
        case .waiting(let reason, _): "waiting for \(reason)"
        case .live: "live"
        case .silent(let since): "silent since \(since) ms"
        }
    }
}
