/// A user's orders with each of their states; unlike orderUpdates its messages name the user.
///
/// The first message is a marked snapshot, newest first; what a later one repeats is not delivered twice.
public struct HistoricalOrdersFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userHistoricalOrders`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userHistoricalOrders", parameters: [.user],
            summary: "a user's orders with each of their states; unlike orderUpdates its messages name the user",
            status: .undocumented,
            example: HistoricalOrdersFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userHistoricalOrders", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userHistoricalOrders", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .low)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<OrderUpdate<FrontendOrder>>) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<OrderKey>
    ) throws(DecodingFault) -> Decoded<UserRows<OrderUpdate<FrontendOrder>>> {
        try UserRows<OrderUpdate<FrontendOrder>>.decode(
            &reader, memory: &memory, key: \.key, time: \.statusTimeMilliseconds
        ) { (reader) throws(DecodingFault) in try OrderUpdate<FrontendOrder>(from: &reader) }
    }
}

extension Feed where Self == HistoricalOrdersFeed {
    /// A user's orders with each of their states; unlike orderUpdates its messages name the user.
    public static func userHistoricalOrders(user: Address) -> HistoricalOrdersFeed {
        HistoricalOrdersFeed(user: user)
    }
}
