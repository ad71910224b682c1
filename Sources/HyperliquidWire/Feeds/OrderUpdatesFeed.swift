/// Changes of a user's orders.
///
/// Its messages name no user, so two users never share a connection. No snapshot, also not after a gap: read the
/// open orders anew then.
public struct OrderUpdatesFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `orderUpdates`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "orderUpdates", parameters: [.user],
            summary: "changes of a user's orders",
            example: OrderUpdatesFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "orderUpdates", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "orderUpdates", route: .channel, routeKey: [],
            snapshot: .none, delivery: .buffered, priority: .high, hasDistinctMessages: true)
    }

    /// When the last order's status changed.
    public static func venueMilliseconds(of event: [OrderUpdate<BasicOrder>]) -> Int64? {
        event.last?.statusTimeMilliseconds
    }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<[OrderUpdate<BasicOrder>]> {
        let updates = try reader.readArray { (reader) throws(DecodingFault) in
            try OrderUpdate<BasicOrder>(from: &reader)
        }
        try reader.finish()
        return updates.isEmpty ? .nothing : .update(updates)
    }
}

extension Feed where Self == OrderUpdatesFeed {
    /// Changes of a user's orders.
    public static func orderUpdates(user: Address) -> OrderUpdatesFeed {
        OrderUpdatesFeed(user: user)
    }
}
