/// A user's deposits, withdrawals and transfers.
///
/// The first message is a marked snapshot; what a later one repeats is not delivered twice.
public struct LedgerUpdatesFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userNonFundingLedgerUpdates`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userNonFundingLedgerUpdates", parameters: [.user],
            summary: "a user's deposits, withdrawals and transfers",
            example: LedgerUpdatesFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userNonFundingLedgerUpdates", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userNonFundingLedgerUpdates", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .low)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<LedgerUpdate>) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<LedgerUpdate>
    ) throws(DecodingFault) -> Decoded<UserRows<LedgerUpdate>> {
        try UserRows<LedgerUpdate>.decode(
            &reader, memory: &memory, key: { $0 }, time: \.timeMilliseconds
        ) { (reader) throws(DecodingFault) in try LedgerUpdate(from: &reader) }
    }
}

extension Feed where Self == LedgerUpdatesFeed {
    /// A user's deposits, withdrawals and transfers.
    public static func userNonFundingLedgerUpdates(user: Address) -> LedgerUpdatesFeed {
        LedgerUpdatesFeed(user: user)
    }
}
