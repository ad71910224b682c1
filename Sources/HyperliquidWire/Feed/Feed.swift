/// A feed that can be subscribed to: a subscription type of the venue with its parameters.
///
/// The package's own feeds are subscribed to as `.trades("BTC")`, a ``FeedChoice``; `TradesFeed(coin: "BTC")` is the same
/// feed as a value. A type of your own may conform if the venue adds a channel
/// before this package does; ``RawFeed`` needs no type at all.
public protocol Feed: Hashable, Sendable {
    /// The type of the events that messages of this feed become.
    associatedtype Event: Sendable
    /// The state kept from message to message, for example the keys of events that were already delivered.
    ///
    /// Used on the client's loop only. The client hands it to `decode` and `reclaim` without an exclusivity check,
    /// which is sound because a feed cannot reach the object that holds it.
    associatedtype Memory: FeedMemory = NoMemory

    /// The canonical request: the identity of the feed, and the text that is sent.
    var request: FeedRequest { get }
    /// How the feed is placed, routed and delivered.
    var traits: FeedTraits { get }

    /// Checks the parameters before anything is sent. Accepts all parameters by default.
    /// - Throws: ``FeedParameterError`` if a parameter is wrong.
    func validate() throws(FeedParameterError)

    /// Decodes one message. The reader stands at the value of the message's `data`; for the explorer's bare arrays, at
    /// the array.
    /// - Throws: ``DecodingFault`` if the message cannot be decoded. The subscription then gets
    ///   ``FeedEvent/undecodable(_:)`` and goes on.
    static func decode(_ reader: inout MessageReader, memory: inout Memory) throws(DecodingFault) -> Decoded<Event>

    /// Gives a delivered event's storage to the memory, so that the next message can reuse it. Does nothing by default.
    ///
    /// An event that a subscriber has kept shares its storage, which is then not reused.
    static func reclaim(_ event: consuming Event, into memory: inout Memory)

    /// Returns whether an event belongs to this feed and not to another one of the same channel. `true` by default.
    func accepts(_ event: Event) -> Bool

    /// The time of an event by the venue's clock, in milliseconds since 1970; `nil` by default.
    static func venueMilliseconds(of event: Event) -> Int64?

    /// The times of the oldest and the newest row of an event by the venue's clock, in milliseconds since 1970. By
    /// default, both are ``venueMilliseconds(of:)``.
    static func venueMillisecondsRange(of event: Event) -> ClosedRange<Int64>?

    /// Whether ``accepts(_:)`` compares every value of ``FeedTraits/routeKey``. `false` by default.
    ///
    /// If it does, the client may decode a message first, and need not search the text for these values.
    static var verifiesKey: Bool { get }

    /// Decodes a message and delivers it to the subscribers. Not meant to be implemented: the default is compiled for
    /// each feed's own types, which makes delivery cheap.
    @_documentation(visibility: internal)
    static func _dispatch(_ reader: inout MessageReader, into dispatcher: _FeedDispatcher<Self>) -> _DispatchOutcome
}

/// State that a feed keeps from message to message.
public protocol FeedMemory: Sendable {
    /// Creates an empty memory.
    init()
    /// Prepares for messages that may repeat earlier ones. Called for each subscribe, after a reconnect too, with its
    /// time in milliseconds since 1970 by the local clock.
    mutating func subscribed(atMilliseconds milliseconds: Int64)
    /// Called before the first message after a subscribe is decoded, with what tells repeated rows from live ones. A
    /// memory that contains a ``ReplayMemory`` passes it on. Does nothing by default.
    mutating func firstMessageArrived(_ cutoff: ReplayCutoff)
    /// Whether the state to which the venue's changes apply is missing, so that later messages are useless. The client
    /// reads it after a fault and then subscribes again; `false` by default.
    var hasLostBase: Bool { get }
}

extension FeedMemory {
    /// Does nothing by default.
    public mutating func firstMessageArrived(_ cutoff: ReplayCutoff) {}

    /// Returns `false` by default.
    public var hasLostBase: Bool { false }
}

/// The memory of a feed that needs none.
public struct NoMemory: FeedMemory {
    /// Creates the memory.
    public init() {}
    /// Does nothing.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}
}

/// The result of decoding one message.
public enum Decoded<Event: Sendable>: Sendable {
    /// Events that happened after the subscription began; or, if every message is a full state, a state. Of these the
    /// client delivers the first as a snapshot.
    case update(Event)
    /// The full state, or events from before the subscription: the venue marked them, or their keys prove it.
    case snapshot(Event)
    /// Events from before the subscription, then events from after it.
    case snapshotAndUpdate(PastAndPresent<Event>)
    /// No new event: the message only has events that were delivered before, or none.
    case nothing
}

/// Events from before a subscription and from after it, decoded from one message.
///
/// A class, so that ``Decoded`` needs space for one event only.
public final class PastAndPresent<Event: Sendable>: Sendable {
    /// The events from before the subscription.
    public let past: Event
    /// The events from after it.
    public let present: Event

    /// Creates a pair.
    public init(past: Event, present: Event) {
        self.past = past
        self.present = present
    }
}

extension Feed {
    /// Accepts all parameters by default.
    public func validate() throws(FeedParameterError) {}

    /// Does nothing by default.
    @inlinable public static func reclaim(_ event: consuming Event, into memory: inout Memory) {}

    /// Returns `true` by default.
    public func accepts(_ event: Event) -> Bool { true }

    /// Returns `false` by default.
    public static var verifiesKey: Bool { false }

    /// Returns `nil` by default.
    @inlinable public static func venueMilliseconds(of event: Event) -> Int64? { nil }

    /// Returns ``venueMilliseconds(of:)`` for both by default.
    public static func venueMillisecondsRange(of event: Event) -> ClosedRange<Int64>? {
        venueMilliseconds(of: event).map { $0...$0 }
    }

    /// Decodes one message, for tests of the feed.
    /// - Parameter json: A whole message of the venue, with `channel` and `data`, or the value of its `data` alone.
    /// - Returns: The event; `nil` if the message has none. Of a message with events from before and after the
    ///   subscription, those from after it.
    /// - Throws: ``DecodingFault`` if the message cannot be decoded.
    public static func event(from json: String) throws(DecodingFault) -> Event? {
        try event(in: ContiguousArray(json.utf8).span)
    }

    private static func event(in json: Span<UInt8>) throws(DecodingFault) -> Event? {
        var reader = MessageReader(json)
        if reader._readEnvelope().kind != .data { reader = .ofData(json) }
        var memory = Memory()
        do throws(DecodingFault) {
            switch try decode(&reader, memory: &memory) {
            case .update(let event), .snapshot(let event): return event
            case .snapshotAndUpdate(let both): return both.present
            case .nothing: return nil
            }
        } catch {
            throw reader.located(error)
        }
    }

    /// Decodes a message and delivers it to the subscribers.
    @_documentation(visibility: internal)
    @inlinable public static func _dispatch(_ reader: inout MessageReader, into dispatcher: _FeedDispatcher<Self>)
        -> _DispatchOutcome
    {
        do throws(DecodingFault) {
            let decoded = try dispatcher.decode(&reader)
            if reader.unknownCount > 0 { dispatcher.count(unknown: reader.unknownCount) }
            return dispatcher.deliver(decoded)
        } catch {
            return dispatcher.deliver(reader.located(error))
        }
    }
}
