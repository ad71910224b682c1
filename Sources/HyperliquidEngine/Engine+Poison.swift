internal import HyperliquidWire

/// Subscriptions that kill their connection (PROTOCOL 5.4): found, refused, and given another chance later.
///
/// What was unanswered when a link broke is suspected, at most `unansweredSubscribeLimit` of a link. Suspects are tried
/// one at a time on one connection of their own. An innocent one is acknowledged and the connection goes on to the
/// next, so only poison costs a reconnect: each is asked for `poisonKillCount` times, here 2, and with k of them among
/// any number of suspects the trials take at most 2k + 1 dials. Halving the suspects instead would spend some
/// k log2(n / k) reconnects to single them out and one more each to be sure; what it saves are round trips, of which
/// there are plenty, where dials are 30 a minute. Before that, each poison has broken at most one link in company,
/// because it never joins others again: with k poisons a client dials at most 3k times more than without them, and
/// once for the trials.
extension Engine {
    /// What was unanswered when a link died without a close may have killed it. Alone, that counts; in company each
    /// becomes a suspect that is tried alone. Names those that have killed often enough.
    mutating func judge(
        _ unanswered: [Answers.Pending], at now: Instant, into effects: inout [Effect]
    ) -> [WireID] {
        let recent = unanswered.filter { $0.sentAt.advanced(by: configuration.poisonWindow) > now }
            .filter { ledger[$0.wire]?.isProven == false && ledger[$0.wire]?.claims.isEmpty == false }
        var doomed: [WireID] = []
        for entry in recent {
            guard var wire = ledger[entry.wire] else { continue }
            if recent.count == 1, unanswered.count == 1 { wire.killCount += 1 }
            if wire.killCount >= configuration.poisonKillCount {
                doomed.append(wire.id)
                quarantine(wire.request, at: now)
                effects.append(.note(.quarantined(wire.request)))
            } else if !wire.isSuspect {
                wire.isSuspect = true
                effects.append(.note(.suspected(wire.request)))
            }
            ledger[entry.wire] = wire
        }
        return doomed
    }

    /// Notes until when it is refused; what was let go long ago and never wanted again is forgotten.
    private mutating func quarantine(_ request: FeedRequest, at now: Instant) {
        quarantined = quarantined.filter { $0.value.advanced(by: configuration.quarantine) > now }
        quarantined[request] = now.advanced(by: configuration.quarantine)
    }

    /// Has a new wire subscription wait for its place. One that was in quarantine is tried alone, and killing once
    /// more is enough.
    mutating func enlist(_ id: WireID) {
        guard !quarantined.isEmpty, var wire = ledger[id], quarantined[wire.request] != nil else {
            return unplaced.append(id)
        }
        wire.isSuspect = true
        wire.killCount = configuration.poisonKillCount - 1
        ledger[id] = wire
        suspects.append(id)
    }

    /// What a lane has to ask for again. Suspects leave it to be tried alone, unless that is what the lane is for: then
    /// its backoff holds for the next try.
    mutating func refillQueue(of id: LaneID, at now: Instant) {
        guard let index = laneIndex(id) else { return }
        for wire in lanes[index].members.compactMap({ ledger[$0] }) where wire.isWaiting {
            if wire.isSuspect, lanes[index].kind != .probe {
                leaveLane(wire.id, at: now)
                suspects.append(wire.id)
            } else {
                lanes[index].queue.insert(SubscribeQueue.Turn(wire))
            }
        }
    }

    /// Puts one suspect at a time on a connection of its own; with no connection to spare it goes back to the
    /// others, where it is asked for alone.
    mutating func placeSuspects(at now: Instant) {
        suspects.removeAll { ledger[$0] == nil }
        guard let first = suspects.first, let wire = ledger[first] else { return }
        // It gave back what it counted for when it left its lane: others may have taken that since.
        if let reason = exhaustedLimit(for: wire, at: now) {
            ledger[first]?.state = .waiting(reason, since: wire.since)
            return
        }
        if let probe = lanes.first(where: { $0.kind == .probe && $0.endpoint == wire.traits.endpoint }) {
            guard probe.memberCount == 0 else { return }
            // Users of earlier suspects linger on its connection.
            if let user = wire.request.user, probe.load.userCount(adding: user, at: now) > placement.userCapacity {
                return nextWork.consider(probe.load.nextUserEnd(at: now))
            }
            suspects.removeFirst()
            put(first, on: probe.id)
        } else if let lane = openSpareLane(.probe, wire.traits.endpoint, at: now) {
            suspects.removeFirst()
            put(first, on: lane)
        } else {
            unplaced.append(contentsOf: suspects)
            suspects = []
        }
    }
}
