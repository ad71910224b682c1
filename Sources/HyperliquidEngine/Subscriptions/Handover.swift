package import HyperliquidWire

/// Joins what two connections bring of one upstream subscription while it moves, so that every message is delivered once and in
/// the venue's order. For feeds that repeat nothing when they are asked for anew.
///
/// From before the new connection asks until the old one has surely ended, both bring the same messages, each at its own
/// pace. The old connection's are delivered and remembered, the new connection's wait; when the old one has ended, those of the
/// new one follow which the old one did not bring.
package struct Handover: Hashable, Sendable {
    /// The connection that it leaves.
    let old: ConnectionID
    /// Whether equal messages are one and the same.
    private let isDistinct: Bool
    /// The old connection's messages that the new one may still repeat, in their order.
    private var brought: ArraySlice<[UInt8]> = []
    /// The new connection's messages, in their order.
    private var held: [[UInt8]] = []
    /// When the new connection must have repeated all that it will, once the old one has ended.
    private var repeatsUntil: Instant?

    /// - Parameter isDistinct: ``FeedTraits/hasDistinctMessages``.
    package init(from old: ConnectionID, isDistinct: Bool) {
        self.old = old
        self.isDistinct = isDistinct
    }

    /// Whether nothing is to be told apart any more.
    package var isOver: Bool { repeatsUntil != nil && brought.isEmpty }

    /// A message came; whether it is to be delivered now.
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

    /// What is to be delivered when the old connection brings nothing more.
    package struct Remainder: Hashable, Sendable {
        /// Whether something may be missing before it.
        package let hasGap: Bool
        /// The new connection's messages that the old one did not bring, in their order.
        package let messages: [[UInt8]]
    }

    /// The old connection brings nothing more.
    ///
    /// - Parameters:
    ///   - isLost: Whether it ended before its end was asked for and confirmed.
    ///   - timeout: How long the new connection may take to repeat what the old one brought.
    package mutating func oldEnded(isLost: Bool, at now: Instant, timeout: Duration) -> Remainder {
        // Where equal messages may be two, one that came on both connections may be one that each of them missed.
        let isDoubtful = !isDistinct && !brought.isEmpty
        let fresh = Array(held.drop { isRepeated($0) })
        held = []
        repeatsUntil = now.advanced(by: timeout)
        if !fresh.isEmpty { brought = [] }
        return Remainder(hasGap: isLost || isDoubtful, messages: fresh)
    }

    /// Both connections have one order: what the old one brought earlier is not repeated any more, and with the first message
    /// that is new all that follow are.
    private mutating func isRepeated(_ text: [UInt8]) -> Bool {
        guard let index = brought.firstIndex(of: text) else { return false }
        brought = brought[(index + 1)...]
        return true
    }
}
