package import HyperliquidWire

/// Joins what two links bring of one wire subscription while it moves, so that every message is delivered once and in
/// the venue's order. For feeds that repeat nothing when they are asked for anew.
///
/// From before the new link asks until the old one has surely ended, both bring the same messages, each at its own
/// pace. The old link's are delivered and remembered, the new link's wait; when the old one has ended, those of the
/// new one follow which the old one did not bring.
package struct Handover: Hashable, Sendable {
    /// The link that it leaves.
    let old: LinkID
    /// Whether equal messages are one and the same.
    private let isDistinct: Bool
    /// The old link's messages that the new one may still repeat, in their order.
    private var brought: ArraySlice<[UInt8]> = []
    /// The new link's messages, in their order.
    private var held: [[UInt8]] = []
    /// When the new link must have repeated all that it will, once the old one has ended.
    private var repeatsUntil: Instant?

    /// - Parameter isDistinct: ``FeedTraits/hasDistinctMessages``.
    package init(from old: LinkID, isDistinct: Bool) {
        self.old = old
        self.isDistinct = isDistinct
    }

    /// Whether nothing is to be told apart any more.
    package var isOver: Bool { repeatsUntil != nil && brought.isEmpty }

    /// A message came; whether it is to be delivered now.
    package mutating func arrived(_ text: [UInt8], on link: LinkID, at now: Instant) -> Bool {
        if let repeatsUntil {
            if now < repeatsUntil, isRepeated(text) { return false }
            brought = []
            return true
        }
        guard link == old else {
            held.append(text)
            return false
        }
        brought.append(text)
        return true
    }

    /// What is to be delivered when the old link brings nothing more.
    package struct Remainder: Hashable, Sendable {
        /// Whether something may be missing before it.
        package let hasGap: Bool
        /// The new link's messages that the old one did not bring, in their order.
        package let messages: [[UInt8]]
    }

    /// The old link brings nothing more.
    ///
    /// - Parameters:
    ///   - isLost: Whether it ended before its end was asked for and confirmed.
    ///   - patience: How long the new link may take to repeat what the old one brought.
    package mutating func oldEnded(isLost: Bool, at now: Instant, patience: Duration) -> Remainder {
        // Where equal messages may be two, one that came on both links may be one that each of them missed.
        let isDoubtful = !isDistinct && !brought.isEmpty
        let fresh = Array(held.drop { isRepeated($0) })
        held = []
        repeatsUntil = now.advanced(by: patience)
        if !fresh.isEmpty { brought = [] }
        return Remainder(hasGap: isLost || isDoubtful, messages: fresh)
    }

    /// Both links have one order: what the old one brought earlier is not repeated any more, and with the first message
    /// that is new all that follow are.
    private mutating func isRepeated(_ text: [UInt8]) -> Bool {
        guard let index = brought.firstIndex(of: text) else { return false }
        brought = brought[(index + 1)...]
        return true
    }
}
