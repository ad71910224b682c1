/// A user's state as the venue's own pages show it.
///
/// Every message is the full state.
public struct WebData3Feed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `webData3`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "webData3", parameters: [.user],
            summary: "a user's state as the venue's own pages show it",
            example: WebData3Feed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "webData3", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "webData3", route: .userState, routeKey: [user.description],
            snapshot: .everyMessage, delivery: .latest, priority: .low)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: WebData3) -> Bool { event.userState.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<WebData3> {
        let event = try WebData3(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == WebData3Feed {
    /// A user's state as the venue's own pages show it.
    public static func webData3(user: Address) -> WebData3Feed {
        WebData3Feed(user: user)
    }
}
