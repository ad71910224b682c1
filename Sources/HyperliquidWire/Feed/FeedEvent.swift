/// What a subscriber receives, in order.
public enum FeedEvent<Event: Sendable>: Sendable {
    /// The state at a moment, or what happened before the subscription began.
    case snapshot(Event)
    /// What happened since.
    case update(Event)
    /// Something may be missing before the next event.
    case gap(Gap)
    /// A message of this subscription could not be read.
    case undecodable(DecodingFault)
}

extension FeedEvent: Equatable where Event: Equatable {}

extension FeedEvent {
    /// The venue's data, if this is any.
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

/// A span in which events may have been missed, announced before the next event.
public struct Gap: Hashable, Sendable {
    /// Why something may be missing.
    public enum Reason: String, Hashable, Sendable, CaseIterable {
        /// The connection was lost and the subscription restored on another one.
        case reconnected
        /// The subscription moved to another connection, and what the old one had under way may be lost.
        case moved
        /// The feed fell silent while it should have ticked, and was asked for again.
        case stale
        /// This subscriber was too slow; the oldest events were dropped.
        case overflow
        /// Messages could not be read.
        case undecodable
        /// A change came without the state it changes; the state was asked for again.
        case baseLost
    }

    /// Why something may be missing.
    public let reason: Reason
    /// When the last message before the gap came, in milliseconds since 1970 by the local clock.
    public let fromMilliseconds: Int64
    /// When the feed was whole again, in milliseconds since 1970 by the local clock.
    public let toMilliseconds: Int64
    /// How many events are missing, where that is known.
    public let missedCount: Int?

    /// Describes a gap.
    public init(reason: Reason, fromMilliseconds: Int64, toMilliseconds: Int64, missedCount: Int? = nil) {
        self.reason = reason
        self.fromMilliseconds = fromMilliseconds
        self.toMilliseconds = toMilliseconds
        self.missedCount = missedCount
    }
}
