/// A user's margin and positions on one dex.
///
/// Every message is the full state.
public struct ClearinghouseStateFeed: UserDexFeed {
    /// The state that each message has.
    public typealias Event = UserClearinghouseState

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
    public static var typeName: String { "clearinghouseState" }
    /// What the feed delivers.
    public static var summary: String { "a user's margin and positions on one dex" }

    /// Returns whether the state is this user's on this dex. This type has no stream of all dexes (`ALL_DEXS`).
    public func accepts(_ event: UserClearinghouseState) -> Bool { event.user == user && event.dex == dex }
}

extension FeedChoice {
    /// A user's margin and positions on one dex.
    public static func clearinghouseState(user: Address, dex: String = "") -> FeedChoice<ClearinghouseStateFeed> {
        .feed(ClearinghouseStateFeed(user: user, dex: dex))
    }
}

/// A user's margin and positions on one dex.
///
/// Source: docs/protocol.md, "clearinghouseState".
public struct UserClearinghouseState: UserDexState {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The margin and the positions.
    public let state: ClearinghouseState

    /// Creates a user's clearinghouse state.
    public init(dex: String, user: Address, state: ClearinghouseState) {
        self.dex = dex
        self.user = user
        self.state = state
    }
}

extension UserClearinghouseState {
    /// Reads the state, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
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
