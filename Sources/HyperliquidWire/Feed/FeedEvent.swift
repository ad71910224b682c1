/// An element of a subscription's sequence of events.
public enum FeedEvent<Event: Sendable>: Sendable {
    /// The first full state, or events from before the subscription began.
    case snapshot(Event)
    /// New events; or, for a feed whose every message is a full state, a newer state.
    case update(Event)
    /// Events may be missing between the previous event and the next one.
    case gap(Gap)
    /// A message of this subscription could not be read.
    case undecodable(DecodingFault)
}

extension FeedEvent: Equatable where Event: Equatable {}
extension FeedEvent: Hashable where Event: Hashable {}
extension FeedEvent: Codable where Event: Codable {}

extension FeedEvent: CustomStringConvertible, CustomDebugStringConvertible {
    /// The kind of the event and its value in one line, cut off after 200 characters.
    public var description: String {
        switch self {
        case .snapshot(let event): "snapshot \(Self.text(of: event).cut)"
        case .update(let event): "update \(Self.text(of: event).cut)"
        case .gap(let gap): "gap: \(gap)"
        case .undecodable(let fault): "undecodable: \(fault)"
        }
    }

    /// The kind of the event and its whole value.
    public var debugDescription: String {
        switch self {
        case .snapshot(let event): "snapshot \(Self.text(of: event))"
        case .update(let event): "update \(Self.text(of: event))"
        case .gap, .undecodable: description
        }
    }

    private static func text(of event: Event) -> String {
        (event as? any JSONWritable).map { String(decoding: $0.jsonBytes, as: UTF8.self) } ?? "\(event)"
    }
}

extension FeedEvent {
    /// The venue's data; `nil` for a gap or a fault.
    @inlinable public var data: Event? {
        switch self {
        case .snapshot(let event), .update(let event): event
        case .gap, .undecodable: nil
        }
    }

    @inlinable var isData: Bool {
        switch self {
        case .snapshot, .update: true
        case .gap, .undecodable: false
        }
    }
}

/// An interval in which events may have been missed. It is announced before the next event.
///
/// No gap is ever dropped. If a buffer must give way, several gaps may become one in front of the next event, which
/// covers them all: with the reason of the first one, the earliest begin, the latest end, and the sum of the missing
/// events.
public struct Gap: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The reason why events may be missing.
    public enum Reason: String, Hashable, Sendable, CaseIterable, Codable {
        /// The connection was lost, and the subscription was restored on a new one.
        case reconnected
        /// The subscription moved to another connection, and messages in flight on the old one may be lost.
        case moved
        /// A feed that ticks (``FeedTraits/ticks``) fell silent on a working connection, or brought no first message, and
        /// was subscribed to again. Announced each time, at growing intervals while it stays silent.
        case stale
        /// The subscriber was too slow, and its oldest events were dropped.
        case overflow
        /// Messages could not be decoded.
        case undecodable
        /// A change arrived without the state to which it applies. The feed was subscribed to again for a new state.
        case baseLost
        /// The subscription joined a feed that was live already, and the client no longer holds all rows since the
        /// feed's first snapshot. It comes behind that snapshot and in front of the rows that are held.
        case lateJoin
    }

    /// The reason why events may be missing.
    public let reason: Reason
    /// The arrival of the last message before the gap, or the start of the subscription if there was none; for
    /// `overflow`, the time at which the first event was dropped. In milliseconds since 1970 by the local clock.
    ///
    /// For `lateJoin`, the time of the oldest missing row by the venue's clock; 0 if it is unknown.
    public let fromMilliseconds: Int64
    /// The time at which the feed was complete again; for `overflow` the time of the read, for `undecodable` that of
    /// the last message that could not be decoded. In milliseconds since 1970 by the local clock.
    ///
    /// For `lateJoin`, the time of the newest missing row by the venue's clock; 0 if it is unknown.
    public let toMilliseconds: Int64
    /// The number of missing events, known for `overflow` and mostly for `lateJoin`; `nil` if it is unknown. A gap that
    /// stands for several has the sum, or `nil` if one of them is unknown.
    public let missedCount: Int?

    /// Creates a gap.
    public init(reason: Reason, fromMilliseconds: Int64, toMilliseconds: Int64, missedCount: Int? = nil) {
        self.reason = reason
        self.fromMilliseconds = fromMilliseconds
        self.toMilliseconds = toMilliseconds
        self.missedCount = missedCount
    }

    /// The reason, the times in milliseconds since 1970, and the number of missing events if it is known.
    public var description: String {
        "\(reason.rawValue) from \(fromMilliseconds) to \(toMilliseconds) ms"
            + (missedCount.map { ", \($0) missing" } ?? "")
    }

    /// Returns one gap for this one and a later one of the same stream: the reason of this one, the earliest begin, the
    /// latest end, and the sum of the missing events, or `nil` if one of the numbers is unknown. A time of 0 is unknown
    /// and does not count.
    package func covering(_ later: Gap) -> Gap {
        let begins = [fromMilliseconds, later.fromMilliseconds].filter { $0 != 0 }
        let sum = missedCount.flatMap { count in later.missedCount.map { count + $0 } }
        return Gap(
            reason: reason, fromMilliseconds: begins.min() ?? 0,
            toMilliseconds: max(toMilliseconds, later.toMilliseconds), missedCount: sum)
    }
}
