/// A user's margin and positions on every dex.
///
/// Every message is the full state.
public struct AllDexsClearinghouseStateFeed: UserFeed {
    /// The user.
    public let user: Address

    /// Creates the feed.
    public init(user: Address) {
        self.user = user
    }

    /// `allDexsClearinghouseState`.
    public static var typeName: String { "allDexsClearinghouseState" }
    /// What the feed delivers.
    public static var summary: String { "a user's margin and positions on every dex" }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "allDexsClearinghouseState", route: .user, routeKey: [user.description],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Returns whether the message is this feed's.
    public func accepts(_ event: AllDexsClearinghouseState) -> Bool { event.user == user }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<AllDexsClearinghouseState> {
        let event = try AllDexsClearinghouseState(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension FeedChoice {
    /// A user's margin and positions on every dex.
    public static func allDexsClearinghouseState(user: Address) -> FeedChoice<AllDexsClearinghouseStateFeed> {
        .feed(AllDexsClearinghouseStateFeed(user: user))
    }
}

/// A user's margin and positions on every dex.
///
/// Source: docs/protocol.md, "allDexsClearinghouseState".
public struct AllDexsClearinghouseState: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The state on each dex, the main one first.
    public let states: [DexClearinghouseState]

    /// Creates a user's state on all dexes.
    public init(user: Address, states: [DexClearinghouseState]) {
        self.user = user
        self.states = states
    }
}

extension AllDexsClearinghouseState: VenueList {
    /// One row.
    public typealias Element = DexClearinghouseState

    /// The same as ``states``.
    public var elements: [DexClearinghouseState] { states }
}

extension AllDexsClearinghouseState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var user: Address?
        var states: [DexClearinghouseState]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "clearinghouseStates":
                states = try reader.readArray { (r) throws(DecodingFault) in try DexClearinghouseState(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.user = try reader.require(user, "user", in: object)
        self.states = try reader.require(states, "clearinghouseStates", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("clearinghouseStates", array: states)
        writer.endObject()
    }
}

/// A dex with the user's state on it.
public struct DexClearinghouseState: Hashable, Sendable {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The state.
    public let state: ClearinghouseState

    /// Creates the state on a dex.
    public init(dex: String, state: ClearinghouseState) {
        self.dex = dex
        self.state = state
    }
}

extension DexClearinghouseState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var array = try reader.beginArray()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        dex = try reader.readString()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        state = try ClearinghouseState(from: &reader)
        while try reader.nextElement(&array) { try reader.skipUnknown() }
    }

    /// Writes the pair as an array.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(dex)
        writer.value(state)
        writer.endArray()
    }
}
