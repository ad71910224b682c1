internal import HyperliquidWire

/// The steps of ``advance(_:)`` by which clients of one address share its connections.
extension Engine {
    /// Tells the rate limiter whether this client waits for a connection that other clients have.
    mutating func reportWait(_ turn: inout Turn) {
        sharing.reportWait(
            isRunning: phase == .running, for: posts, placements, in: registry, on: pool, &turn.limiter)
    }

    /// While another client waits for a connection, empties a slot whose feeds fit on other slots.
    ///
    /// The connection is closed as soon as the slot is empty.
    mutating func yieldConnection(_ turn: inout Turn) {
        guard sharing.shouldYield(on: pool, turn.limiter) else { return }
        pool.closeUnusedSoon(posts: posts)
        guard mover.moves.isEmpty, mover.rotation == nil, pool.slots.allSatisfy({ !$0.load.isEmpty }) else { return }
        if let moves = placements.movesToYield(on: pool, mover, &turn) { mover.plan(moves) }
    }

    /// Moves the feeds of slots that have lost their connections to another client, as far as slots with a connection
    /// take them.
    ///
    /// The others stay: on another slot without a connection they would gain nothing, and each such move would wake the
    /// other clients, for ever if they do the same.
    mutating func placeLostSlotsElsewhere(_ turn: inout Turn) {
        guard let lost = sharing.lostSlots(on: pool, slotLimit: placements.placement.slotLimit, turn) else { return }
        placements.look(at: pool)
        for id in lost.flatMap(\.members) {
            if mover.isReplacement(id) {
                giveUpReplacement(id, &turn)
            } else if let upstream = registry[id], upstream.isWaiting, !mover.isMoving(id) {
                switch placements.outcome(forStranded: upstream, on: pool, mover, &turn) {
                case .place(let slot):
                    leaveSlot(id, &turn)
                    place(id, on: slot, &turn)
                case .move(let moves): mover.plan(moves)
                case .openSlot, .wait: break
                }
            }
        }
        pool.removeUnusedSlots(posts: posts)
    }

    /// Places the members of a slot that gets no connection again. A replacement is given up: its original goes on.
    mutating func placeElsewhere(_ members: some Sequence<UpstreamID>, _ turn: inout Turn) {
        for id in members {
            if mover.isReplacement(id) {
                giveUpReplacement(id, &turn)
            } else if registry[id]?.isWaiting == true, !mover.isMoving(id) {
                leaveSlot(id, &turn)
                placements.add(id)
            }
        }
    }
}
