/// A feed of a user's state on one dex, in full with every message.
///
/// A conforming type names itself and its event; everything else is derived.
public protocol UserDexFeed: CatalogueFeed where Event: UserDexState, Memory == NoMemory {
    /// The venue's name of the subscription type.
    static var typeName: String { get }
    /// What the feed delivers, in a few words.
    static var summary: String { get }
    /// The user.
    var user: Address { get }
    /// The builder dex; empty for the main one.
    var dex: String { get }
    /// Creates the feed of a user on a dex.
    init(user: Address, dex: String)
}

/// What a ``UserDexFeed`` delivers.
public protocol UserDexState: VenueValue {
    /// The user, in lower case.
    var user: Address { get }
    /// The builder dex; empty for the main one.
    var dex: String { get }
    /// Reads the state, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    init(from reader: inout MessageReader) throws(DecodingFault)
}

extension UserDexFeed {
    /// The line of the catalogue: the user, and the dex, which can be left out.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: typeName, parameters: [.user, .dex], summary: summary, example: Self(user: .example, dex: ""))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), dex: try parameters.text("dex"))
    }

    /// `{"type":…,"user":…,"dex":…}`
    public var request: FeedRequest {
        FeedRequest(type: Self.typeName, fields: [("user", .string(user.description)), ("dex", .string(dex))])
    }

    /// Grouped with the same user's other feeds, routed by the user and the dex.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: Self.typeName, route: .userAndDex, routeKey: [user.description, dex],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Returns whether the state is this user's on this dex, or on any dex if the feed is a stream of all dexes.
    public func accepts(_ event: Event) -> Bool {
        event.user == user && (event.dex == dex || dex == AllMidsFeed.allDexs)
    }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<Event> {
        let event = try Event(from: &reader)
        try reader.finish()
        return .update(event)
    }
}
