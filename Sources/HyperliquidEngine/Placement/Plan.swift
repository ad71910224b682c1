package import HyperliquidWire

/// What goes on which slot and why, what does not fit, what it uses of the limits, and how long it takes.
package struct Plan: Hashable, Sendable {
    package struct ConnectionSlot: Hashable, Sendable {
        package let id: SlotID
        package let endpoint: EndpointKind
        /// `shared`, `dedicated`, `userGrouped`, or `mixed`.
        package let kind: String
        /// What it carries, oldest first, each with the reason why it is kept apart if there is one.
        package let feeds: [Feed]
        /// Why the slot is there.
        package let why: [String]
    }

    package struct Feed: Hashable, Sendable {
        package let request: FeedRequest
        package let why: String?
    }

    package struct Unplaced: Hashable, Sendable {
        package let request: FeedRequest
        /// The limit's name, as in `limits`.
        package let limit: String
        package let why: String
        /// What would help.
        package let help: String
    }

    package struct Limit: Hashable, Sendable {
        package let name: String
        package let used: Int
        package let limit: Int
    }

    /// A feed that has changed its slot.
    package struct Move: Hashable, Sendable {
        package let request: FeedRequest
        package let from: SlotID
        package let to: SlotID
        package let why: String
    }

    package let slots: [ConnectionSlot]
    package let unplaced: [Unplaced]
    package let limits: [Limit]
    /// When the last of what has a place is live, if the venue answers at once.
    package let liveAfter: Duration
    /// What has changed its slot since the plan before.
    package let moves: [Move]
}
