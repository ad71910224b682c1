/// The state of one subscription.
public struct SubscriptionInfo: Sendable {
    /// Whether a subscription is live.
    public enum State: Hashable, Sendable {
        /// The subscription is not acknowledged, or no longer: the reason why it waits, and since when, in milliseconds
        /// since 1970 by the local clock.
        case waiting(for: WaitReason, sinceMilliseconds: Int64)
        /// Acknowledged by the venue.
        case live
    }

    /// The subscription's id.
    public let id: SubscriptionID
    /// The request for the subscription's feed, in canonical form.
    public let request: FeedRequest
    /// How the subscription's feed may share a connection.
    public let connectionType: ConnectionType
    /// Whether the subscription is live, or what it waits for.
    public let state: State
    /// The user of the subscription's feed, in lower case; `nil` for a feed without a user.
    public let user: String?
    /// The delivery policy of the subscription's buffer; `nil` for a callback, which has no buffer.
    public let delivery: DeliveryPolicy?
    /// When the subscription was registered, in milliseconds since 1970 by the local clock.
    public let registeredMilliseconds: Int64
    /// When the venue first acknowledged the subscription, in milliseconds since 1970 by the local clock; `nil` if it
    /// has not.
    public let subscribedMilliseconds: Int64?
    /// The number of the subscription's connection, as in ``ConnectionInfo/Connection/id``; `nil` if it has none yet.
    public let connection: UInt64?

    /// Makes a value, for tests of code that reads one.
    public init(
        id: SubscriptionID, request: FeedRequest, connectionType: ConnectionType, state: State, user: String? = nil,
        delivery: DeliveryPolicy? = nil, registeredMilliseconds: Int64, subscribedMilliseconds: Int64? = nil,
        connection: UInt64? = nil
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
    }
}
