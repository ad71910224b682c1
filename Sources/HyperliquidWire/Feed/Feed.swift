/// What can be asked for: a type of the venue's catalogue with its parameters.
///
/// The package's own feeds are spelled `.trades("BTC")`; a type of your own may conform when the venue adds a
/// channel before this package does, and `RawFeed` needs no type at all.
public protocol Feed: Hashable, Sendable {
    /// What its messages become.
    associatedtype Event: Sendable
    /// What a subscription carries from message to message, for example the keys of events already delivered.
    associatedtype Memory: FeedMemory = NoMemory

    /// The canonical request: its identity and what goes on the wire.
    var request: FeedRequest { get }
    /// How it is placed, routed and delivered.
    var traits: FeedTraits { get }

    /// Checks the parameters; nothing is sent when this throws. By default everything is right.
    func validate() throws(FeedParameterError)

    /// Reads one message; the reader stands at the value of `data` (of a bare array: at the array).
    static func decode(_ reader: inout MessageReader, memory: inout Memory) throws(DecodingFault) -> Decoded<Event>

    /// Takes back an event that subscribers have looked at, for its memory: the next message may become an event there.
    /// Who kept the event shares that memory, and then it is not used again. By default nothing is done.
    static func reclaim(_ event: consuming Event, into memory: inout Memory)

    /// Whether an event belongs to this feed. By default yes.
    func accepts(_ event: Event) -> Bool

    /// When the venue made an event, in milliseconds since 1970; by default it does not say.
    static func venueMilliseconds(of event: Event) -> Int64?

    /// Whether ``accepts(_:)`` compares everything that the messages show of the subscription. Then a message may be
    /// decoded before it is routed, which saves looking for the key behind a long body. By default no.
    static var verifiesKey: Bool { get }

    /// Decodes a message and hands it to the subscribers. Not meant to be implemented: the default is compiled
    /// for each feed's own types, which is what makes delivery cheap.
    static func _dispatch(_ reader: inout MessageReader, into dispatcher: _FeedDispatcher<Self>) -> _DispatchOutcome
}

/// What a subscription carries from message to message.
public protocol FeedMemory: Sendable {
    /// Nothing remembered yet.
    init()
    /// The subscription has been asked for (again) at `milliseconds` since 1970, by the local clock: what comes
    /// next may repeat what was delivered before.
    mutating func subscribed(atMilliseconds milliseconds: Int64)
    /// Whether the state that the venue's changes apply to is lost, so that nothing can be made of what comes until
    /// the feed is subscribed to again. Asked after a fault; by default nothing can be lost.
    var hasLostBase: Bool { get }
}

extension FeedMemory {
    /// No.
    public var hasLostBase: Bool { false }
}

/// The memory of a feed that needs none.
public struct NoMemory: FeedMemory {
    /// Nothing.
    public init() {}
    /// Does nothing.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}
}

/// What a message became.
public enum Decoded<Event: Sendable>: Sendable {
    /// What happened now.
    case update(Event)
    /// The state, or what happened before the subscription; the venue marked it so, or its keys prove it.
    case snapshot(Event)
    /// Both in one message: what happened before, then what happened now.
    case snapshotAndUpdate(PastAndPresent<Event>)
    /// Nothing that was not delivered before.
    case nothing
}

/// What happened before a subscription and what happened now, in one message.
///
/// An object: with two events in place each message would be carried in room for two.
public final class PastAndPresent<Event: Sendable>: Sendable {
    /// What happened before.
    public let past: Event
    /// What happened now.
    public let present: Event

    /// Puts both together.
    public init(past: Event, present: Event) {
        self.past = past
        self.present = present
    }
}

extension Feed {
    /// Everything is right.
    public func validate() throws(FeedParameterError) {}

    /// Nothing.
    @inlinable public static func reclaim(_ event: consuming Event, into memory: inout Memory) {}

    /// Yes.
    public func accepts(_ event: Event) -> Bool { true }

    /// No.
    public static var verifiesKey: Bool { false }

    /// The venue does not say.
    @inlinable public static func venueMilliseconds(of event: Event) -> Int64? { nil }

    /// Decodes a message and hands it to the subscribers.
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
