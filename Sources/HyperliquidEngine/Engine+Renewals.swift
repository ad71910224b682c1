internal import HyperliquidWire

/// What is done about live feeds that have fallen silent, or whose base is lost: they are subscribed to again.
extension Engine {
    // MARK: Silent feeds

    /// Notes a message of a ticking feed.
    mutating func ticked(_ id: UpstreamID, on connection: ConnectionID, _ turn: inout Turn) {
        guard let upstream = registry[id], upstream.isLive, upstream.connection == connection, upstream.ticks else {
            return
        }
        if staleness.silentSince(id) != nil { turn.effects.append(.note(.ticksAgain(connection, upstream.request))) }
        staleness.ticked(id, at: turn.now)
    }

    /// Subscribes again to the feeds that have fallen silent: at first where they are, then on another connection.
    mutating func renewStale(_ turn: inout Turn) {
        while let (id, remedy) = staleness.popStale(
            at: turn.now, isLive: { [registry] in registry[$0]?.isLive == true })
        {
            guard let upstream = registry[id], let connection = upstream.connection else { continue }
            if let replacement = mover.replacement(of: id) { giveUpReplacement(replacement, &turn) }
            let note: Note =
                staleness.silentSince(id) == nil
                ? .stale(connection, upstream.request) : .staysSilent(connection, upstream.request)
            turn.effects.append(.note(note))
            if remedy == .otherConnection, bringsNoData(connection, at: turn.now) {
                // Its other feeds have most likely fallen silent with it. Each gets a gap, and a new connection.
                turn.effects.append(.note(.silent(connection)))
                pool.close(connection, isFaulty: true, &turn)
            } else {
                renew(id, on: connection, .stale, &turn)
            }
        }
    }

    /// Whether a connection has brought pongs and answers at best while a ticking feed of it was awaited.
    private func bringsNoData(_ connection: ConnectionID, at now: Instant) -> Bool {
        let start = now.advanced(by: .zero - configuration.shortestStaleness)
        return pool[connection].map { $0.isOpen && $0.hasNoData(since: start) } ?? false
    }

    /// Places an upstream subscription that has left a slot to be asked for again: a silent one elsewhere, if a limit
    /// allows it.
    mutating func placeAgain(_ id: UpstreamID, notOn slot: SlotID?, _ turn: inout Turn) {
        guard staleness.takeRemedy(of: id) == .otherConnection, let upstream = registry[id],
            turn.exhaustedLimit(for: upstream) == nil
        else { return placements.add(id) }
        let item = PlacementItem(upstream)
        let others = pool.loads.filter { $0.slot != slot }
        if let other = placements.placement.bestSlot(for: item, among: others, at: turn.now)
            ?? openSpareSlot(placements.placement.kind(for: item), upstream.traits.endpoint, turn)
        {
            place(id, on: other, &turn)
        } else {
            placements.add(id)
        }
    }

    // MARK: Lost bases

    /// Subscribes again to a feed whose changes have no base, at once or, if it has lost its base lately, later.
    mutating func baseLost(_ id: UpstreamID, on connection: ConnectionID, _ turn: inout Turn) {
        guard case .live(connection, _) = registry[id]?.state else { return }
        if baseLosses.lost(id, at: turn.now) { renew(id, on: connection, .baseLost, &turn) }
    }

    /// Subscribes again to the feeds whose lost bases have waited for long enough.
    mutating func renewLostBases(_ turn: inout Turn) {
        while let id = baseLosses.popDue(at: turn.now) {
            guard case .live(let connection, _) = registry[id]?.state else { continue }
            renew(id, on: connection, .baseLost, &turn)
        }
    }

    // MARK: Both

    /// Ends a live upstream subscription so that it is subscribed again, with a gap before its next event.
    private mutating func renew(
        _ id: UpstreamID, on connection: ConnectionID, _ reason: Gap.Reason, _ turn: inout Turn
    ) {
        turn.effects.append(.detach(id, connection))
        registry.announceLater(reason, of: id)
        beginLeaving(id, connection, at: turn.now)
    }
}
