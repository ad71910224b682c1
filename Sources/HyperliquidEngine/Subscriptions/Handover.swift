package import HyperliquidWire

/// Merges the messages of one upstream subscription from two connections while it moves, so that each message is
/// delivered once and in the venue's order.
///
/// Used for feeds that send neither a snapshot nor a replay when they are subscribed again. The handover begins before
/// the subscribe on the new connection and lasts until the end on the old one is confirmed. In between, both
/// connections bring the same messages, at different times. Messages of the old connection are delivered and
/// remembered; messages of the new one are held back. When the old connection has ended, the held messages that it did
/// not bring are delivered.
package struct Handover: Hashable, Sendable {
    /// The connection that the upstream subscription leaves.
    let old: ConnectionID
    /// Whether two equal messages are always the same message, because the feed never sends two equal ones.
    private let isDistinct: Bool
    /// The messages that the old connection brought and the new one may still repeat, in the venue's order.
    private var brought: ArraySlice<[UInt8]> = []
    /// The messages of the new connection that are held back, in the venue's order.
    private var held: [[UInt8]] = []
    /// The time until which the new connection may repeat messages; `nil` before the old connection has ended.
    private var repeatsUntil: Instant?

    /// Creates the handover of a feed that leaves a connection.
    ///
    /// - Parameters:
    ///   - old: The connection that it leaves.
    ///   - isDistinct: The feed's ``FeedTraits/hasDistinctMessages``.
    package init(from old: ConnectionID, isDistinct: Bool) {
        self.old = old
        self.isDistinct = isDistinct
    }

    /// Whether the handover is complete: no message can be a repetition any more.
    package var isOver: Bool { repeatsUntil != nil && brought.isEmpty }

    /// Takes in a message, and returns whether it is to be delivered now.
    package mutating func arrived(_ text: [UInt8], on connection: ConnectionID, at now: Instant) -> Bool {
        if let repeatsUntil {
            if now < repeatsUntil, isRepeated(text) { return false }
            brought = []
            return true
        }
        guard connection == old else {
            held.append(text)
            return false
        }
        brought.append(text)
        return true
    }

    /// The messages to deliver when the old connection has ended.
    package struct Remainder: Hashable, Sendable {
        /// Whether a message may be missing before these, so that a gap must be announced first.
        package let hasGap: Bool
        /// The held messages that the old connection did not bring, in the venue's order.
        package let messages: [[UInt8]]
    }

    /// Notes that the old connection brings no more messages, and returns the messages to deliver.
    ///
    /// - Parameters:
    ///   - isLost: Whether the connection was lost before the venue confirmed the unsubscribe.
    ///   - now: The present time.
    ///   - timeout: How long the new connection may go on repeating messages of the old one. Equal messages that arrive
    ///     later are new.
    package mutating func oldEnded(isLost: Bool, at now: Instant, timeout: Duration) -> Remainder {
        // If the feed may send two equal messages, an equal message on each connection may be two different messages,
        // of which each connection missed one.
        let isDoubtful = !isDistinct && !brought.isEmpty
        let fresh = Array(held.drop { isRepeated($0) })
        held = []
        repeatsUntil = now.advanced(by: timeout)
        if !fresh.isEmpty { brought = [] }
        return Remainder(hasGap: isLost || isDoubtful, messages: fresh)
    }

    /// Whether the new connection repeats a message of the old one.
    ///
    /// Both connections bring messages in the same order. So after a repeated message, earlier messages can no longer
    /// be repeated, and are forgotten too.
    private mutating func isRepeated(_ text: [UInt8]) -> Bool {
        guard let index = brought.firstIndex(of: text) else { return false }
        brought = brought[(index + 1)...]
        return true
    }
}
