/// Events of a user: fills, funding, liquidations, cancels, TWAP slices.
///
/// Its messages name no user, so the feeds of two users never share a connection. There is no snapshot, not even
/// after a gap. A message with several events, which the venue does not document, becomes as many updates.
public struct UserEventsFeed: UserFeed {
    /// The user.
    public let user: Address

    /// Creates the feed.
    public init(user: Address) {
        self.user = user
    }

    /// `userEvents`.
    public static var typeName: String { "userEvents" }
    /// What the feed delivers.
    public static var summary: String { "events of a user: fills, funding, liquidations, cancels, TWAP slices" }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "user", route: .channel, routeKey: [],
            snapshot: .none, delivery: .buffered, priority: .high, hasDistinctMessages: true)
    }

    /// Decodes the value of `data`. If it has several events, the first one is returned, and the memory has the others.
    public static func decode(
        _ reader: inout MessageReader, memory: inout UserEventsMemory
    ) throws(DecodingFault) -> Decoded<UserEvent> {
        let events = try UserEvent.readAll(&reader)
        try reader.finish()
        memory.further = events.dropFirst()
        return .update(events[0])
    }

    /// Decodes a message and delivers its events to the subscribers.
    @_documentation(visibility: internal)
    public static func _dispatch(
        _ reader: inout MessageReader, into dispatcher: _FeedDispatcher<Self>
    ) -> _DispatchOutcome {
        do throws(DecodingFault) {
            let decoded = try dispatcher.decode(&reader)
            if reader.unknownCount > 0 { dispatcher.count(unknown: reader.unknownCount) }
            let outcome = dispatcher.deliver(decoded)
            for event in unsafe dispatcher.memory.takeFurther() { _ = dispatcher.deliver(.update(event)) }
            return outcome
        } catch {
            return dispatcher.deliver(reader.located(error))
        }
    }
}

/// The events of the last message behind the first one.
public struct UserEventsMemory: FeedMemory {
    /// In the order of the message; nearly always empty.
    public internal(set) var further: ArraySlice<UserEvent> = []

    /// Creates an empty memory.
    public init() {}

    /// Does nothing: the feed repeats no events.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}

    mutating func takeFurther() -> ArraySlice<UserEvent> {
        guard !further.isEmpty else { return further }
        defer { further = [] }
        return further
    }
}

extension FeedChoice {
    /// Events of a user: fills, funding, liquidations, cancels, TWAP slices.
    public static func userEvents(user: Address) -> FeedChoice<UserEventsFeed> {
        .feed(UserEventsFeed(user: user))
    }
}

/// One event of a user.
///
/// Source: docs/protocol.md, "userEvents".
public enum UserEvent: Hashable, Sendable {
    /// Orders were filled.
    case fills([Fill])
    /// Funding was paid or received.
    case funding(Funding)
    /// A user was liquidated.
    case liquidation(Liquidation)
    /// Orders were cancelled, but not by the user.
    case nonUserCancel([CancelledOrder])
    /// TWAP orders changed.
    case twapHistory([TwapRecord])
    /// Slices of TWAP orders were filled.
    case twapSliceFills([TwapSliceFill])
    /// An event that this version does not know: its key, and its value as JSON in UTF-8.
    case unknown(String, [UInt8])
}

extension UserEvent: VenueValue {
    /// Reads an object with one event.
    /// - Throws: ``DecodingFault`` if it has none or several, or if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        let start = reader.byteOffset
        let events = try Self.readAll(&reader)
        guard events.count == 1 else { throw DecodingFault(.unexpectedType, at: start) }
        self = events[0]
    }

    /// Reads the events of a message: one for each known key, in the order of the message; if there is none, one for
    /// each unknown key. Never empty. Of a repeated known key, the last value counts.
    static func readAll(_ reader: inout MessageReader) throws(DecodingFault) -> [UserEvent] {
        var events: [(key: FieldKey, event: UserEvent)] = []
        var unknown: [UserEvent] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if let event = try UserEvent(known: key, from: &reader) {
                events.removeAll { $0.key.text == key.text }
                events.append((key, event))
            } else {
                reader.unknownCount += 1
                let value = try reader.readRaw()
                // Beside a known key, an unknown one is an addition that later versions may read.
                if events.isEmpty { unknown.append(.unknown(key.text, value)) }
            }
        }
        // The fault names no field, because the object needs any one of several fields.
        guard !events.isEmpty || !unknown.isEmpty else { throw DecodingFault(.missingField, at: object.start) }
        return events.isEmpty ? unknown : events.map(\.event)
    }

    /// Reads the value of a known key; `nil` if the key is unknown.
    private init?(known key: FieldKey, from reader: inout MessageReader) throws(DecodingFault) {
        switch key {
        case "fills": self = .fills(try reader.readArray { (r) throws(DecodingFault) in try Fill(from: &r) })
        case "funding": self = .funding(try Funding(from: &reader))
        case "liquidation": self = .liquidation(try Liquidation(from: &reader))
        case "nonUserCancel":
            self = .nonUserCancel(try reader.readArray { (r) throws(DecodingFault) in try CancelledOrder(from: &r) })
        case "twapHistory":
            self = .twapHistory(try reader.readArray { (r) throws(DecodingFault) in try TwapRecord(from: &r) })
        case "twapSliceFills":
            self = .twapSliceFills(try reader.readArray { (r) throws(DecodingFault) in try TwapSliceFill(from: &r) })
        default: return nil
        }
    }

    /// Writes the event with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        switch self {
        case .fills(let fills): writer.field("fills", array: fills)
        case .funding(let funding): writer.field("funding", funding)
        case .liquidation(let liquidation): writer.field("liquidation", liquidation)
        case .nonUserCancel(let orders): writer.field("nonUserCancel", array: orders)
        case .twapHistory(let records): writer.field("twapHistory", array: records)
        case .twapSliceFills(let fills): writer.field("twapSliceFills", array: fills)
        case .unknown(let key, let json):
            writer.key(key)
            writer.raw(json)
        }
        writer.endObject()
    }
}

/// A liquidation.
///
/// Source: docs/protocol.md, "userEvents".
public struct Liquidation: Hashable, Sendable {
    /// The id of the liquidation.
    public let liquidationID: Int64
    /// The user who liquidates.
    public let liquidator: Address
    /// The user who is liquidated.
    public let liquidatedUser: Address
    /// The value of the liquidated positions, in USDC.
    public let liquidatedNotional: ExactDecimal
    /// The value of the liquidated account, in USDC.
    public let liquidatedAccountValue: ExactDecimal

    /// Creates a liquidation.
    public init(
        liquidationID: Int64, liquidator: Address, liquidatedUser: Address, liquidatedNotional: ExactDecimal,
        liquidatedAccountValue: ExactDecimal
    ) {
        self.liquidationID = liquidationID
        self.liquidator = liquidator
        self.liquidatedUser = liquidatedUser
        self.liquidatedNotional = liquidatedNotional
        self.liquidatedAccountValue = liquidatedAccountValue
    }
}

extension Liquidation: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var liquidationID: Int64?
        var liquidator: Address?
        var liquidatedUser: Address?
        var liquidatedNotional: ExactDecimal?
        var liquidatedAccountValue: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "lid": liquidationID = try reader.readInteger()
            case "liquidator": liquidator = try reader.readAddress()
            case "liquidated_user": liquidatedUser = try reader.readAddress()
            case "liquidated_ntl_pos": liquidatedNotional = try reader.readDecimal()
            case "liquidated_account_value": liquidatedAccountValue = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.liquidationID = try reader.require(liquidationID, "lid", in: object)
        self.liquidator = try reader.require(liquidator, "liquidator", in: object)
        self.liquidatedUser = try reader.require(liquidatedUser, "liquidated_user", in: object)
        self.liquidatedNotional = try reader.require(liquidatedNotional, "liquidated_ntl_pos", in: object)
        self.liquidatedAccountValue = try reader.require(liquidatedAccountValue, "liquidated_account_value", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("lid", liquidationID)
        writer.field("liquidator", liquidator)
        writer.field("liquidated_user", liquidatedUser)
        writer.field("liquidated_ntl_pos", liquidatedNotional)
        writer.field("liquidated_account_value", liquidatedAccountValue)
        writer.endObject()
    }
}

/// An order that was cancelled, but not by the user.
///
/// Source: docs/protocol.md, "userEvents".
public struct CancelledOrder: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The id of the order.
    public let orderID: Int64

    /// Creates a cancelled order.
    public init(coin: Coin, orderID: Int64) {
        self.coin = coin
        self.orderID = orderID
    }
}

extension CancelledOrder: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var orderID: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "oid": orderID = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.orderID = try reader.require(orderID, "oid", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("oid", orderID)
        writer.endObject()
    }
}
