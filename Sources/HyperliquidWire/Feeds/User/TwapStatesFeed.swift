/// A user's running TWAP orders.
///
/// Every message is the full state.
public struct TwapStatesFeed: UserDexFeed {
    /// The state that each message has.
    public typealias Event = TwapStates

    /// The user.
    public let user: Address
    /// The builder dex; empty for the main one.
    public let dex: String

    /// Creates the feed.
    public init(user: Address, dex: String = "") {
        self.user = user
        self.dex = dex
    }

    /// `twapStates`.
    public static var typeName: String { "twapStates" }
    /// What the feed delivers.
    public static var summary: String { "a user's running TWAP orders" }
}

extension FeedChoice {
    /// A user's running TWAP orders.
    public static func twapStates(user: Address, dex: String = "") -> FeedChoice<TwapStatesFeed> {
        .feed(TwapStatesFeed(user: user, dex: dex))
    }
}

/// All running TWAP orders of a user on a dex.
///
/// Source: docs/protocol.md, "twapStates".
public struct TwapStates: UserDexState {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The orders.
    public let states: [RunningTwap]

    /// Creates TWAP states.
    public init(dex: String, user: Address, states: [RunningTwap]) {
        self.dex = dex
        self.user = user
        self.states = states
    }
}

extension TwapStates: VenueList {
    /// One row.
    public typealias Element = RunningTwap

    /// The same as ``states``.
    public var elements: [RunningTwap] { states }
}

extension TwapStates {
    /// Reads the state, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?
        var user: Address?
        var states: [RunningTwap]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex": dex = try reader.readString()
            case "user": user = try reader.readAddress()
            case "states": states = try reader.readArray { (r) throws(DecodingFault) in try RunningTwap(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.dex = try reader.require(dex, "dex", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.states = try reader.require(states, "states", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("user", user)
        writer.field("states", array: states)
        writer.endObject()
    }
}

/// A TWAP order with its id.
public struct RunningTwap: Hashable, Sendable {
    /// The order's id.
    public let twapID: Int64
    /// The order.
    public let state: TwapState

    /// Creates a running TWAP.
    public init(twapID: Int64, state: TwapState) {
        self.twapID = twapID
        self.state = state
    }
}

extension RunningTwap: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var array = try reader.beginArray()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        twapID = try reader.readInteger()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        state = try TwapState(from: &reader)
        while try reader.nextElement(&array) { try reader.skipUnknown() }
    }

    /// Writes the pair as an array.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(twapID)
        writer.value(state)
        writer.endArray()
    }
}
