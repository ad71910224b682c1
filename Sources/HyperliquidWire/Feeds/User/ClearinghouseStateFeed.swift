/// A user's margin and positions on one dex.
///
/// Every message is the full state.
public struct ClearinghouseStateFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// The builder dex; empty for the main one.
    public let dex: String

    /// Creates the feed.
    public init(user: Address, dex: String = "") {
        self.user = user
        self.dex = dex
    }

    /// `clearinghouseState`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "clearinghouseState", parameters: [.user, .dex],
            summary: "a user's margin and positions on one dex",
            example: ClearinghouseStateFeed(user: .example))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), dex: try parameters.text("dex"))
    }

    /// The canonical request.
    public var request: FeedRequest {
        FeedRequest(type: "clearinghouseState", fields: [("user", .string(user.description)), ("dex", .string(dex))])
    }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "clearinghouseState", route: .userAndDex, routeKey: [user.description, dex],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Returns whether the message is this feed's.
    public func accepts(_ event: UserClearinghouseState) -> Bool { event.user == user && event.dex == dex }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<UserClearinghouseState> {
        let event = try UserClearinghouseState(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == ClearinghouseStateFeed {
    /// A user's margin and positions on one dex.
    public static func clearinghouseState(user: Address, dex: String = "") -> ClearinghouseStateFeed {
        ClearinghouseStateFeed(user: user, dex: dex)
    }
}

/// A user's margin and positions on one dex.
///
/// Source: docs/protocol.md, "clearinghouseState".
public struct UserClearinghouseState: Hashable, Sendable {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The margin and the positions.
    public let state: ClearinghouseState

    /// Creates an user clearinghouse state.
    public init(
        dex: String, user: Address, state: ClearinghouseState
    ) {
        self.dex = dex
        self.user = user
        self.state = state
    }
}

extension UserClearinghouseState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?
        var user: Address?
        var state: ClearinghouseState?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex": dex = try reader.readString()
            case "user": user = try reader.readAddress()
            case "clearinghouseState": state = try ClearinghouseState(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.dex = try reader.require(dex, "dex", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.state = try reader.require(state, "clearinghouseState", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("user", user)
        writer.field("clearinghouseState", state)
        writer.endObject()
    }
}
