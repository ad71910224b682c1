internal import HyperliquidWire

/// Subscriptions that kill their connection (docs/protocol.md, "Poisonous subscriptions"): found, refused, and given
/// another chance later.
///
/// What was unanswered when a connection broke is suspected, at most `unansweredSubscribeLimit` of a connection. Suspects are tried
/// one at a time on one connection of their own. An innocent one is acknowledged and the connection goes on to the
/// next, so only poison costs a reconnect: each is asked for `poisonKillCount` times, here 2, and with k of them among
/// any number of suspects the trials take at most 2k + 1 dials. Halving the suspects instead would spend some
/// k log2(n / k) reconnects to single them out and one more each to be sure; what it saves are round trips, of which
/// there are plenty, where dials are 30 a minute. Before that, each poison has broken at most one connection in company,
/// because it never joins others again: with k poisons a client dials at most 3k times more than without them, and
/// once for the trials.
extension Engine {
    /// What was unanswered when a connection died without a close may have killed it. Alone, that counts; in company each
    /// becomes a suspect that is tried alone. Names those that have killed often enough.
    mutating func judge(
        _ unanswered: [PendingRequests.Pending], at now: Instant, into effects: inout [Effect]
    ) -> [UpstreamID] {
        let recent = unanswered.filter { $0.sentAt.advanced(by: configuration.poisonWindow) > now }
            .filter {
                registry[$0.upstream]?.isProven == false && registry[$0.upstream]?.subscriptions.isEmpty == false
            }
        var doomed: [UpstreamID] = []
        for entry in recent {
            guard var upstream = registry[entry.upstream] else { continue }
            if recent.count == 1, unanswered.count == 1 { upstream.killCount += 1 }
            if upstream.killCount >= configuration.poisonKillCount {
                doomed.append(upstream.id)
                quarantine(upstream.request, at: now)
                effects.append(.note(.quarantined(upstream.request)))
            } else if !upstream.isSuspect {
                upstream.isSuspect = true
                effects.append(.note(.suspected(upstream.request)))
            }
            registry[entry.upstream] = upstream
        }
        return doomed
    }

    /// Notes until when it is refused; what was let go long ago and never wanted again is forgotten.
    private mutating func quarantine(_ request: FeedRequest, at now: Instant) {
        quarantined = quarantined.filter { $0.value.advanced(by: configuration.quarantine) > now }
        quarantined[request] = now.advanced(by: configuration.quarantine)
    }

    /// Has a new upstream subscription wait for its place. One that was in quarantine is tried alone, and killing once
    /// more is enough.
    mutating func enlist(_ id: UpstreamID) {
        guard !quarantined.isEmpty, var upstream = registry[id], quarantined[upstream.request] != nil else {
            return unplaced.append(id)
        }
        upstream.isSuspect = true
        upstream.killCount = configuration.poisonKillCount - 1
        registry[id] = upstream
        suspects.append(id)
    }

    /// What a slot has to ask for again. Suspects leave it to be tried alone, unless that is what the slot is for: then
    /// its backoff holds for the next try.
    mutating func refillQueue(of id: SlotID, at now: Instant) {
        guard let index = slotIndex(id) else { return }
        for upstream in slots[index].members.compactMap({ registry[$0] }) where upstream.isWaiting {
            if upstream.isSuspect, slots[index].kind != .probe {
                leaveSlot(upstream.id, at: now)
                suspects.append(upstream.id)
            } else {
                slots[index].queue.insert(SubscribeQueue.Turn(upstream))
            }
        }
    }

    /// Puts one suspect at a time on a connection of its own; with no connection to spare it goes back to the
    /// others, where it is asked for alone.
    mutating func placeSuspects(at now: Instant) {
        suspects.removeAll { registry[$0] == nil }
        guard let first = suspects.first, let upstream = registry[first] else { return }
        // It gave back what it counted for when it left its slot: others may have taken that since.
        if let reason = exhaustedLimit(for: upstream, at: now) {
            registry[first]?.state = .waiting(reason, since: upstream.since)
            return
        }
        if let probe = slots.first(where: { $0.kind == .probe && $0.endpoint == upstream.traits.endpoint }) {
            guard probe.memberCount == 0 else { return }
            // Users of earlier suspects linger on its connection.
            if let user = upstream.request.user, probe.load.userCount(adding: user, at: now) > placement.userCapacity {
                return nextWork.consider(probe.load.nextUserEnd(at: now))
            }
            suspects.removeFirst()
            put(first, on: probe.id)
        } else if let slot = openSpareSlot(.probe, upstream.traits.endpoint, at: now) {
            suspects.removeFirst()
            put(first, on: slot)
        } else {
            unplaced.append(contentsOf: suspects)
            suspects = []
        }
    }
}
