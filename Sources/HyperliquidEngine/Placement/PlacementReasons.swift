package import HyperliquidWire

extension Placement {
    /// The reasons why a slot is needed, and why its members are not on other slots.
    package struct Reasons: Hashable, Sendable {
        /// Sentences about the slot.
        package var slot: [String] = []
        /// A sentence about each member that is kept apart from an older slot; the other members have none.
        package var members: [UpstreamID: String] = [:]

        /// All sentences; those about a member begin with the name of its feed.
        package func sentences(_ load: PlacementLoad) -> [String] {
            slot + load.itemsInOrder.compactMap { item in members[item.id].map { "\(item.request.words): \($0)" } }
        }
    }

    /// Explains why a slot is needed. If two slots cannot be merged, the reason is given for the younger one.
    package func reasons(for load: PlacementLoad, among loads: [PlacementLoad]) -> Reasons {
        let elders = loads.filter { other in
            other.endpoint == load.endpoint && other.slot < load.slot && other.kind != .trial && !other.isEmpty
        }
        var reasons = Reasons()
        guard !load.isEmpty else { return reasons }
        for item in load.itemsInOrder where load.kind != .trial {
            reasons.members[item.id] = separation(of: item, from: elders)
        }
        reasons.slot = summary(of: load, isFirst: elders.isEmpty)
        for elder in elders { reasons.slot += fullness(of: elder, for: load) }
        guard load.kind == .packed, !elders.isEmpty else { return reasons }
        if reasons.members.isEmpty, reasons.slot.isEmpty {
            reasons.slot.append("this connection was opened for feeds that have ended; its present feeds need not move")
        } else if reasons.members.count < load.count {
            reasons.slot.append("the feeds are spread over all connections in use")
        }
        return reasons
    }

    /// The sentences about a slot that its kind alone explains.
    private func summary(of load: PlacementLoad, isFirst: Bool) -> [String] {
        switch load.kind {
        case .trial: ["one feed is tried alone here, because it may have killed an earlier connection"]
        case .packed:
            if load.endpoint == .explorer {
                ["the explorer has a socket of its own"]
            } else {
                isFirst && load.count > 1 ? ["the feeds' messages can be told apart, so they share a connection"] : []
            }
        case .shared: ["shared feeds go together, up to \(capacity(of: .shared)) on a connection"]
        case .dedicated: ["a dedicated feed has a connection of its own"]
        case .user(let user): ["the feeds of user \(user) go together"]
        }
    }

    /// The older slots' feeds that are ambiguous with `item`, as a sentence; `nil` if there are none.
    private func separation(of item: PlacementItem, from elders: [PlacementLoad]) -> String? {
        var alike: [String] = []
        for elder in elders where elder.kind == kind(for: item) {
            guard let twin = elder.ambiguous(with: item.ambiguityKey).first, let other = elder.items[twin] else {
                continue
            }
            alike.append("\(other.request.words) (connection \(elder.slot.rawValue))")
        }
        guard !alike.isEmpty else { return nil }
        return "its messages look like those of \(alike.joined(separator: " and of "))"
    }

    /// The caps of an older slot because of which it cannot take members of a younger slot, as sentences.
    private func fullness(of elder: PlacementLoad, for load: PlacementLoad) -> [String] {
        guard elder.kind == load.kind, elder.kind != .dedicated else { return [] }
        let obstacles = Set(load.itemsInOrder.compactMap { obstacle(to: $0, on: elder) })
        var sentences: [String] = []
        if obstacles.contains(.fullOfSubscriptions) {
            let capacity = capacity(of: elder.kind)
            sentences.append(
                "connection \(elder.slot.rawValue) is full with \(capacity) feed\(capacity == 1 ? "" : "s")")
        }
        if obstacles.contains(.fullOfUsers) {
            let users = "\(userCapacity) user\(userCapacity == 1 ? "" : "s")"
            sentences.append("connection \(elder.slot.rawValue) is full with the feeds of \(users)")
        }
        return sentences
    }

    /// The reason why an item has no slot, and a remedy.
    package struct Refusal: Hashable, Sendable {
        /// The reason, as a clause without a full stop.
        package let why: String
        /// The limits to raise or the feeds to leave out, as an imperative clause.
        package let help: String
    }

    /// Explains why `item` has no slot although the limits on subscriptions and users allow it.
    package func refusal(of item: PlacementItem, among loads: [PlacementLoad]) -> Refusal {
        let spare = spareConnectionCount > 0 ? " and \(spareConnectionCount) more kept as a spare" : ""
        let allowed = "\(slotLimit) connection\(slotLimit == 1 ? " is" : "s are") allowed\(spare)"
        let own = loads.filter { $0.endpoint == item.ambiguityKey.endpoint && $0.kind == kind(for: item) }
        let more =
            spareConnectionCount > 0
            ? "raise the limit connections, lower spareConnections" : "raise the limit connections"
        guard !own.isEmpty, item.connectionType != .dedicated || policy == .packed else {
            let socket = item.ambiguityKey.endpoint == .explorer ? ": the explorer has a socket of its own" : ""
            return Refusal(
                why: "\(allowed), and no connection in use takes the feed\(socket)",
                help: "\(more), or leave out all feeds of one connection")
        }
        let alike = own.compactMap { load in
            load.ambiguous(with: item.ambiguityKey).first.flatMap { load.items[$0] }.map {
                "\($0.request.words) (connection \(load.slot.rawValue))"
            }
        }
        if alike.count == own.count {
            return Refusal(
                why: "\(allowed), and the feed's messages look like those of \(alike.joined(separator: ", of "))",
                help: "\(more), or leave out one of these feeds")
        }
        let obstacles = Set(own.compactMap { obstacle(to: item, on: $0) })
        var most: [String] = []
        var caps: [String] = []
        if obstacles.contains(.fullOfUsers) {
            most.append("\(userCapacity) user\(userCapacity == 1 ? "" : "s")")
            caps.append("usersPerConnection")
        }
        if obstacles.contains(.fullOfSubscriptions) {
            let capacity = capacity(of: own[0].kind)
            most.append("\(capacity) feed\(capacity == 1 ? "" : "s")")
            caps.append(capacity < subscriptionCapacity ? "sharedPerConnection" : "subscriptionsPerConnection")
        }
        guard !most.isEmpty else {
            return Refusal(
                why: "\(allowed), and no connection in use takes the feed", help: "\(more), or leave out other feeds")
        }
        let rest =
            alike.isEmpty ? "" : ", and the feed's messages look like those of \(alike.joined(separator: ", of "))"
        return Refusal(
            why: "\(allowed), each for at most \(most.joined(separator: " and "))\(rest)",
            help: "\(more) or \(caps.joined(separator: " or ")), or leave out other feeds")
    }
}

extension FeedRequest {
    /// The request in a short form for people, such as `l2Book BTC nSigFigs=5`.
    package var words: String {
        let parts = fields.map { field in
            switch field.value {
            case .string(let text): field.name == "coin" || field.name == "user" ? text : "\(field.name)=\(text)"
            case .integer(let number): "\(field.name)=\(number)"
            case .boolean(let flag): "\(field.name)=\(flag)"
            case .null: field.name
            }
        }
        return ([type] + parts).joined(separator: " ")
    }
}
