/// A user's spot balances.
///
/// Every message is the full state. It does not show whether portfolio margin is ignored, so the two variants of one
/// user never share a connection.
public struct SpotStateFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// Whether portfolio margin is ignored.
    public let ignorePortfolioMargin: Bool

    /// Creates the feed.
    public init(user: Address, ignorePortfolioMargin: Bool = false) {
        self.user = user
        self.ignorePortfolioMargin = ignorePortfolioMargin
    }

    /// `spotState`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "spotState", parameters: [.user, .init("ignorePortfolioMargin", "true or false; false by default")],
            summary: "a user's spot balances",
            example: SpotStateFeed(user: .example))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), ignorePortfolioMargin: try parameters.flag("ignorePortfolioMargin"))
    }

    /// The canonical request.
    public var request: FeedRequest {
        FeedRequest(
            type: "spotState",
            fields: [("user", .string(user.description)), ("ignorePortfolioMargin", .boolean(ignorePortfolioMargin))])
    }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "spotState", route: .user, routeKey: [user.description],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Returns whether the message is this feed's.
    public func accepts(_ event: SpotState) -> Bool { event.user == user }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<SpotState> {
        let event = try SpotState(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension FeedChoice {
    /// A user's spot balances.
    public static func spotState(user: Address, ignorePortfolioMargin: Bool = false) -> FeedChoice<SpotStateFeed> {
        .feed(SpotStateFeed(user: user, ignorePortfolioMargin: ignorePortfolioMargin))
    }
}

/// A user's spot balances.
///
/// Source: docs/protocol.md, "spotState".
public struct SpotState: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The balances.
    public let state: SpotBalances

    /// Creates a spot state.
    public init(user: Address, state: SpotBalances) {
        self.user = user
        self.state = state
    }
}

extension SpotState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var user: Address?
        var state: SpotBalances?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "spotState": state = try SpotBalances(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.user = try reader.require(user, "user", in: object)
        self.state = try reader.require(state, "spotState", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("spotState", state)
        writer.endObject()
    }
}
