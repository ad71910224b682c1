/// A user's fills by TWAP orders.
///
/// The first message is a marked snapshot; what a later one repeats is not delivered twice.
public struct TwapSliceFillsFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userTwapSliceFills`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userTwapSliceFills", parameters: [.user],
            summary: "a user's fills by TWAP orders",
            example: TwapSliceFillsFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userTwapSliceFills", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userTwapSliceFills", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .high)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<TwapSliceFill>) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Fill.RowKey>
    ) throws(DecodingFault) -> Decoded<UserRows<TwapSliceFill>> {
        try UserRows<TwapSliceFill>.decode(
            &reader, memory: &memory, key: \.fill.key, time: \.fill.timeMilliseconds
        ) { (reader) throws(DecodingFault) in try TwapSliceFill(from: &reader) }
    }
}

extension Feed where Self == TwapSliceFillsFeed {
    /// A user's fills by TWAP orders.
    public static func userTwapSliceFills(user: Address) -> TwapSliceFillsFeed {
        TwapSliceFillsFeed(user: user)
    }
}
