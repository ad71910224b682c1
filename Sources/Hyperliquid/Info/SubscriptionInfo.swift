/// The state of one subscription.
public struct SubscriptionInfo: Sendable {
    /// Whether a subscription is live.
    public enum State: Hashable, Sendable {
        /// Not (or no longer) acknowledged: what it waits for, and since when, in milliseconds since 1970 by the local
        /// clock.
        case waiting(for: WaitReason, sinceMilliseconds: Int64)
        /// Acknowledged by the venue.
        case live
    }

    /// The subscription's id.
    public let id: SubscriptionID
    /// The request for its feed, in canonical form.
    public let request: FeedRequest
    /// How its feed may share a connection.
    public let connectionType: ConnectionType
    /// Whether it is live, or what it waits for.
    public let state: State
    /// The user whose feed it is, in lower case; `nil` for other feeds.
    public let user: String?
    /// The delivery policy of its buffer; `nil` for a callback, which has no buffer.
    public let delivery: DeliveryPolicy?
    /// When it was registered, in milliseconds since 1970 by the local clock.
    public let registeredMilliseconds: Int64
    /// When the venue first acknowledged it, in milliseconds since 1970 by the local clock; `nil` if it has not.
    public let subscribedMilliseconds: Int64?
    /// The number of the connection that carries it, as in ``ConnectionInfo/Connection/id``; `nil` if it has none yet.
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
