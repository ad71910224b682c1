package import HyperliquidWire

/// Finds the subscriptions that cost others their connection: those that kill it (docs/protocol.md, "Poisonous
/// subscriptions"), those that the venue ignores, and those whose messages are too large.
///
/// When a connection dies, the subscribes of the last moments are suspects. Suspects are tried one at a time, apart
/// from all others: an innocent one is acknowledged and makes way for the next, so only a guilty one costs dials. With
/// k poisonous ones among any number of feeds, at most 5k + 2 dials are needed in all. Halving the set of n suspects
/// instead would save round trips but cost about k log2(n / k) reconnects for each of the trials that a verdict needs,
/// and dials are limited to 30 per minute while round trips are not.
///
/// A connection can also die because the venue is in trouble. So the last kill must come long enough after the first
/// death, on a connection that held for a while before the suspect was asked for, while other connections hold.
package struct PoisonDetector: Hashable, Sendable {
    private let window: Duration
    private let span: Duration
    private let killCountLimit: Int
    private let quarantine: Duration
    private let largeMessageWait: Duration
    /// The upstream subscriptions that may have cost a connection.
    private var suspects: [UpstreamID: Suspect] = [:]
    private var lastGroup: UInt64 = 0
    /// The poisonous identities, each with the time until which it is refused.
    private var quarantined: [FeedRequest: Instant] = [:]
    /// The last death of each slot, unless its cause was found.
    private var doubts: [SlotID: Doubt] = [:]
    /// The feeds that are known to have sent a message beyond the size limit.
    private var largeFeeds: Set<UpstreamID> = []
    /// When the venue last accepted a subscription.
    private var lastAcceptance: [EndpointKind: Instant] = [:]

    /// A death whose cause is not known.
    private struct Doubt: Hashable, Sendable {
        /// The feeds that were answered just before.
        let answered: Set<UpstreamID>
        /// The feeds that were suspected.
        let suspected: Set<UpstreamID>
    }

    /// The number of suspects up to which each is tried several times in the first seconds, so that an innocent one is
    /// live as soon as the venue is back. If there are more, dials are too scarce.
    private static let hurriedSuspectLimit = 2

    package init(configuration: EngineConfiguration) {
        window = configuration.poisonWindow
        span = configuration.poisonSpan
        killCountLimit = configuration.poisonKillCount
        quarantine = configuration.quarantine
        largeMessageWait = configuration.largeMessageWait
    }

    package var suspectCount: Int { suspects.count }

    package var isEmpty: Bool { quarantined.isEmpty }

    package var suspectIDs: [UpstreamID] { suspects.keys.sorted() }

    package func isSuspect(_ id: UpstreamID) -> Bool { suspects[id] != nil }

    package func suspect(_ id: UpstreamID) -> Suspect? { suspects[id] }

    /// How long an identity is still refused; `nil` if it may be asked for.
    package func remainingQuarantine(of request: FeedRequest, at now: Instant) -> Duration? {
        guard let end = quarantined[request], end > now else { return nil }
        return now.duration(to: end)
    }

    // MARK: Deaths

    /// The end of an open connection that this client did not close.
    package struct Death: Hashable, Sendable {
        package let slot: SlotID
        package let kind: ConnectionSlot.Kind
        package let endpoint: EndpointKind
        package let openedAt: Instant
        /// Whether the venue closes connections in this way from time to time.
        package let isRoutine: Bool
        /// The subscribes that were unanswered, oldest first.
        package let unanswered: [PendingRequests.Request]
        /// The upstream subscriptions that were live, each with the time of its answer.
        package let live: [UpstreamID: Instant]

        /// Whether anything was asked for on the connection.
        package var hasAsked: Bool { !unanswered.isEmpty || !live.isEmpty }

        package init(
            slot: SlotID, kind: ConnectionSlot.Kind, endpoint: EndpointKind, openedAt: Instant, isRoutine: Bool,
            unanswered: [PendingRequests.Request], live: [UpstreamID: Instant]
        ) {
            self.slot = slot
            self.kind = kind
            self.endpoint = endpoint
            self.openedAt = openedAt
            self.isRoutine = isRoutine
            self.unanswered = unanswered
            self.live = live
        }
    }

    /// The verdict on an upstream subscription after the death of its connection.
    package enum Finding: Hashable, Sendable {
        /// The upstream subscription may have cost the connection, so it is tried apart.
        case suspected(UpstreamID)
        /// The upstream subscription has sent a message beyond the size limit for the second time.
        case sendsTooLarge(UpstreamID, limit: Int)
    }

    /// Judges the subscribes that came shortly before a death, whatever the death looked like.
    ///
    /// An identity without subscribers is not judged.
    package mutating func judge(
        _ death: Death, in registry: SubscriptionRegistry, on pool: ConnectionPool, at now: Instant
    ) -> [Finding] {
        let recent = death.unanswered.filter { $0.sentAt.advanced(by: window) > now }
        let asked = recent.filter { registry[$0.upstream]?.subscriptions.isEmpty == false }
        let answered = death.live.filter { id, since in
            since.advanced(by: window) > now && registry[id]?.subscriptions.isEmpty == false
        }.keys.sorted()
        if asked.isEmpty, answered.isEmpty, !death.isRoutine {
            dropEvidence(at: death.endpoint, in: registry, at: now)
        }
        // The venue answers in order and does not answer what kills, so one that was not answered is the likelier one.
        let likely = asked.map(\.upstream)
        let candidates = likely + answeredCandidates(answered, on: death.slot)
        doubts = doubts.filter { pool[$0.key] != nil }
        doubts[death.slot] = Doubt(answered: Set(answered), suspected: Set(candidates))
        let isAlone = candidates.count == 1 && death.unanswered.count <= 1
        if death.kind == .trial, candidates.count > 1 { halve(candidates) }
        lastGroup += 1
        return candidates.compactMap { id in
            guard suspects[id] != nil else {
                let charge = likely.contains(id) ? Suspect.Charge.killed : .killedAfterAnswer
                suspects[id] = Suspect(charge, group: lastGroup, since: now)
                return .suspected(id)
            }
            guard isAlone else { return nil }
            let askedAt = asked.first?.sentAt ?? death.live[id] ?? now
            kill(id, death, heldSince: askedAt.advanced(by: .zero - window), at: now)
            return nil
        }
    }

    /// Those of the feeds answered shortly before a death that may have caused it.
    private func answeredCandidates(_ answered: [UpstreamID], on slot: SlotID) -> [UpstreamID] {
        // If the previous death of the slot has no suspects, or all were acquitted, one that was answered before both
        // deaths may be guilty. A single death shows too little to try all apart.
        let doubt = doubts[slot].flatMap { $0.suspected.allSatisfy { suspects[$0] == nil } ? $0 : nil }
        return answered.filter { suspects[$0] != nil || doubt?.answered.contains($0) == true }
    }

    /// Halves a group of suspects whose connection has died.
    private mutating func halve(_ group: [UpstreamID]) {
        for (index, id) in group.enumerated() { suspects[id]?.join(lastGroup + (index < group.count / 2 ? 1 : 2)) }
        lastGroup += 2
    }

    /// Counts a kill of a suspect. If the evidence suffices, the verdict falls after a while.
    private mutating func kill(_ id: UpstreamID, _ death: Death, heldSince: Instant, at now: Instant) {
        suspects[id]?.kill()
        doubts = doubts.filter { !$0.value.suspected.contains(id) }
        guard let suspect = suspects[id] else { return }
        if !suspect.isInLastTrial {
            planNextTrial(of: id, suspect, at: now)
        } else if death.openedAt <= heldSince, suspect.since.advanced(by: span) <= now {
            // Other connections may be dying at the same moment.
            let verdictAt = now.advanced(by: window)
            let hadOthers = death.live.contains { $0.key != id && $0.value.advanced(by: window) <= now }
            suspects[id]?.charge(
                Suspect.Kill(heldSince: heldSince, hadOthers: hadOthers, verdictAt: verdictAt))
            suspects[id]?.wait(until: verdictAt)
        } else {
            suspects[id]?.dropEvidenceAndPause(at: now)
        }
    }

    /// Plans the next trial of a suspect that has killed a connection.
    private mutating func planNextTrial(of id: UpstreamID, _ suspect: Suspect, at now: Instant) {
        let lastTrialAt = suspect.since.advanced(by: span - min(window, span))
        // 1 s after the first kill, 3 s after the second, then at once the last trial.
        let next = now.advanced(by: .seconds(suspect.killCount == 1 ? 1 : suspect.killCount == 2 ? 3 : 60))
        let isHurried = suspects.count <= Self.hurriedSuspectLimit && next < lastTrialAt
        if isHurried {
            suspects[id]?.wait(until: next)
        } else if suspect.killCount >= killCountLimit - 1 {
            suspects[id]?.awaitLastTrial(notBefore: lastTrialAt)
        }
    }

    /// Condemns the suspects whose verdict is due and that others have held without; the upstream subscriptions end.
    package mutating func condemn(
        in registry: SubscriptionRegistry, on pool: ConnectionPool, _ turn: inout Turn
    ) -> [UpstreamID] {
        var poisonous: [UpstreamID] = []
        for id in suspects.keys.sorted() {
            guard let kill = suspects[id]?.lastKill, let upstream = registry[id] else { continue }
            if kill.verdictAt > turn.now {
                turn.wake(at: kill.verdictAt)
            } else if kill.hadOthers || othersHold(since: kill.heldSince, without: upstream, in: registry, on: pool) {
                refuse(upstream.request, at: turn.now)
                poisonous.append(id)
            } else {
                suspects[id]?.dropEvidenceAndPause(at: turn.now)
            }
        }
        return poisonous
    }

    /// Whether a connection to the same endpoint has held since then without the suspect. If no other feed was ever
    /// accepted there, the time for which the connection of the trial held before the suspect was asked for suffices.
    private func othersHold(
        since start: Instant, without suspect: UpstreamSubscription, in registry: SubscriptionRegistry,
        on pool: ConnectionPool
    ) -> Bool {
        let others = registry.upstreams.values.filter { other in
            other.request != suspect.request && other.traits.endpoint == suspect.traits.endpoint && other.isProven
                && !other.isLeaving
        }
        let isHeld = others.contains { other in
            guard case .live(let connection, _) = other.state, let openedAt = pool[connection]?.openedAt else {
                return false
            }
            return openedAt <= start
        }
        return isHeld || others.isEmpty
    }

    /// Drops the evidence against the suspects of an endpoint, because a connection without them has died too.
    private mutating func dropEvidence(
        at endpoint: EndpointKind, in registry: SubscriptionRegistry, at now: Instant
    ) {
        for id in suspects.keys where registry[id]?.traits.endpoint == endpoint {
            suspects[id]?.dropEvidence(at: now)
        }
    }

    /// Begins a quarantine, and forgets those that ended long ago and were never followed by a new attempt.
    private mutating func refuse(_ request: FeedRequest, at now: Instant) {
        quarantined = quarantined.filter { $0.value.advanced(by: quarantine) > now }
        quarantined[request] = now.advanced(by: quarantine)
    }

    // MARK: Other charges

    /// The verdict on an upstream subscription whose subscribe was sent as often as is tried, and not answered.
    package enum Unanswered: Hashable, Sendable {
        /// It is tried apart.
        case suspected
        /// Nothing can be said, because nothing else is answered either. It is tried again.
        case unclear
        /// It ends with an error: the venue answers others, and ignores it also where it is alone.
        case ignored
    }

    /// Judges an upstream subscription whose subscribe was sent as often as is tried, and not answered.
    ///
    /// - Parameter isHeard: Whether anything has arrived on the connection since the last attempt.
    package mutating func judgeUnanswered(
        _ upstream: UpstreamSubscription, isHeard: Bool, in registry: SubscriptionRegistry, at now: Instant
    ) -> Unanswered {
        guard let suspect = suspects[upstream.id] else {
            suspects[upstream.id] = Suspect(.ignored, since: now)
            return .suspected
        }
        let endpoint = upstream.traits.endpoint
        let areOthersAnswered = lastAcceptance[endpoint].map { $0 >= suspect.since } ?? false
        let hasOthers = registry.upstreams.values.contains { other in
            guard case .asked = other.state else { return false }
            return other.id != upstream.id && other.traits.endpoint == endpoint
        }
        if isHeard, areOthersAnswered || !hasOthers { return .ignored }
        suspects[upstream.id]?.dropEvidenceAndPause(at: now)
        return .unclear
    }

    /// Judges the feeds that may have sent a message beyond the size limit, of which the connection died.
    ///
    /// The message belongs to one of `senders`; to none if that is empty, for example to a feed that has just ended. If
    /// they are unknown (`nil`), it is most likely the first message of a feed that was subscribed shortly before; if
    /// there is none either, it may be of any feed of the connection.
    package mutating func judgeTooLarge(
        _ death: Death, limit: Int, from senders: [UpstreamID]?, in registry: SubscriptionRegistry, at now: Instant
    ) -> [Finding] {
        // The venue may take a while to answer our Close.
        let recent =
            death.live.filter { $0.value.advanced(by: largeMessageWait) > now }.keys
            + death.unanswered.map(\.upstream)
        let likely = senders ?? [recent.sorted(), death.live.keys.sorted()].first { !$0.isEmpty } ?? []
        let candidates = likely.filter { registry[$0]?.subscriptions.isEmpty == false }
        if let only = candidates.first, candidates.count == 1 {
            let isCertain = senders != nil || death.live.count + death.unanswered.count == 1
            let isRepeated =
                isCertain && !largeFeeds.insert(only).inserted || suspects[only]?.charge == .sentTooLarge
            if isRepeated { return [.sendsTooLarge(only, limit: limit)] }
        }
        return candidates.compactMap { id in
            guard suspects[id] == nil else { return nil }
            suspects[id] = Suspect(.sentTooLarge, since: now)
            return .suspected(id)
        }
    }

    // MARK: Acquittal

    /// How long the connection of a trial must hold after the answer, so that the suspect is acquitted; `nil` if the
    /// answer suffices.
    package func holdAfterAnswer(_ id: UpstreamID) -> Duration? {
        switch suspects[id]?.charge {
        case .killedAfterAnswer: window
        case .sentTooLarge: largeMessageWait
        case .killed, .ignored, nil: nil
        }
    }

    /// Whether a message acquits a suspect.
    package func needsMessage(_ id: UpstreamID) -> Bool { suspects[id]?.charge == .sentTooLarge }

    /// Notes that the venue has accepted an upstream subscription.
    package mutating func accepted(_ upstream: UpstreamSubscription, at now: Instant) {
        lastAcceptance[upstream.traits.endpoint] = now
    }

    /// Clears an identity.
    package mutating func acquit(_ id: UpstreamID, _ request: FeedRequest) {
        if !quarantined.isEmpty { quarantined[request] = nil }
        if !suspects.isEmpty { suspects[id] = nil }
    }

    /// Forgets an upstream subscription that has ended.
    package mutating func forget(_ id: UpstreamID) {
        guard !suspects.isEmpty || !largeFeeds.isEmpty else { return }
        suspects[id] = nil
        largeFeeds.remove(id)
    }

    // MARK: Trials

    /// Makes a new upstream subscription wait for a trial if its identity was in quarantine before; then one more kill
    /// is enough. Returns `true` if it waits.
    package mutating func admit(_ id: UpstreamID, _ request: FeedRequest, at now: Instant) -> Bool {
        guard let end = quarantined[request], end.advanced(by: quarantine) > now else { return false }
        suspects[id] = Suspect(.killed, killCount: killCountLimit - 1, since: end.advanced(by: .zero - quarantine))
        suspects[id]?.awaitLastTrial(notBefore: now)
        return true
    }

    /// The time from which a subscribe may be sent on a connection. The last trial of a suspect needs a connection that
    /// has held for a while, long enough after the first death.
    package func clearTime(for id: UpstreamID, on connection: Connection, at now: Instant) -> Instant {
        guard let suspect = suspects[id], let openedAt = connection.openedAt else { return now }
        guard suspect.isInLastTrial else { return max(suspect.notBefore, now) }
        return max(openedAt.advanced(by: window), suspect.since.advanced(by: span), suspect.notBefore, now)
    }

    /// Begins the trial of a suspect.
    ///
    /// The messages of a single suspect are delivered: it stays on the connection of its trial, which then becomes one
    /// like others. Of several, each makes way for the next as soon as it is acquitted.
    package mutating func beginTrial(of id: UpstreamID) {
        let isAlone = suspects.count == 1
        suspects[id]?.deliver(isAlone)
    }

    /// Whether the messages of a suspect are delivered during its trial.
    package func delivers(_ id: UpstreamID) -> Bool { suspects[id]?.delivers ?? false }
}
