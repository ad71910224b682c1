package import HyperliquidWire

/// Finds the subscriptions that kill their connection (docs/protocol.md, "Poisonous subscriptions").
///
/// A subscribe that was unanswered when a connection broke is a suspect. Suspects are tried one at a time on a
/// connection of their own: an innocent one is acknowledged and makes way for the next, so only a poisonous one costs a
/// reconnect. Each poisonous identity is asked for `poisonKillCount` times, 2 by default. With k of them among any
/// number of suspects, the trials take at most 2k + 1 dials. Halving the set of n suspects instead would save round
/// trips but cost about k log2(n / k) reconnects, and dials are limited to 30 per minute while round trips are not.
/// Before its trial each poisonous identity has broken at most one connection that it shared, because it never shares
/// one again: with k of them a client dials at most 3k + 1 times more than without them.
package struct PoisonDetector: Hashable, Sendable {
    private let window: Duration
    private let killCountLimit: Int
    private let quarantine: Duration
    /// The upstream subscriptions that may have killed a connection.
    private var suspects: Set<UpstreamID> = []
    /// How often each upstream subscription has killed a connection on which no other request was pending.
    private var killCounts: [UpstreamID: Int] = [:]
    /// The suspects that wait for their trial, oldest first.
    private var trials: [UpstreamID] = []
    /// The poisonous identities, each with the time until which it is refused.
    private var quarantined: [FeedRequest: Instant] = [:]

    package init(configuration: EngineConfiguration) {
        window = configuration.poisonWindow
        killCountLimit = configuration.poisonKillCount
        quarantine = configuration.quarantine
    }

    package var suspectCount: Int { suspects.count }

    package var isEmpty: Bool { quarantined.isEmpty }

    package func isSuspect(_ id: UpstreamID) -> Bool { suspects.contains(id) }

    package func isAwaitingTrial(_ id: UpstreamID) -> Bool { trials.contains(id) }

    /// Whether no suspect waits for a trial.
    package var hasNoTrial: Bool { trials.isEmpty }

    /// How long an identity is still refused; `nil` if it may be asked for.
    package func remainingQuarantine(of request: FeedRequest, at now: Instant) -> Duration? {
        guard let end = quarantined[request], end > now else { return nil }
        return now.duration(to: end)
    }

    // MARK: Verdicts

    /// The verdict on an upstream subscription after the death of its connection.
    package enum Finding: Hashable, Sendable {
        /// The upstream subscription may have killed the connection, so it is tried alone.
        case suspected(UpstreamID)
        /// Connections died often enough while the upstream subscription was the only one asked for: it is refused.
        case poisonous(UpstreamID)
    }

    /// Judges the subscribes that were unanswered when a connection died without a close.
    ///
    /// Each of these subscribes becomes a suspect. If there was only one, the death also counts as its kill. An
    /// identity that the venue has accepted before, or that has no subscribers, is not judged.
    package mutating func judge(
        _ unanswered: [PendingRequests.Request], in registry: SubscriptionRegistry, at now: Instant
    ) -> [Finding] {
        let recent = unanswered.filter { $0.sentAt.advanced(by: window) > now }.compactMap { request in
            registry[request.upstream].flatMap { $0.isProven || $0.subscriptions.isEmpty ? nil : $0 }
        }
        var findings: [Finding] = []
        for upstream in recent {
            if recent.count == 1, unanswered.count == 1 { killCounts[upstream.id, default: 0] += 1 }
            if killCounts[upstream.id, default: 0] >= killCountLimit {
                refuse(upstream.request, at: now)
                findings.append(.poisonous(upstream.id))
            } else if suspects.insert(upstream.id).inserted {
                findings.append(.suspected(upstream.id))
            }
        }
        return findings
    }

    /// Begins a quarantine, and forgets those that ended long ago and were never followed by a new attempt.
    private mutating func refuse(_ request: FeedRequest, at now: Instant) {
        quarantined = quarantined.filter { $0.value.advanced(by: quarantine) > now }
        quarantined[request] = now.advanced(by: quarantine)
    }

    /// Clears an identity that the venue has accepted.
    package mutating func wasAccepted(_ id: UpstreamID, _ request: FeedRequest) {
        if !quarantined.isEmpty { quarantined[request] = nil }
        suspects.remove(id)
        killCounts[id] = nil
    }

    /// Forgets an upstream subscription that has ended.
    package mutating func forget(_ id: UpstreamID) {
        suspects.remove(id)
        killCounts[id] = nil
        cancelTrial(of: id)
    }

    // MARK: Trials

    /// Makes a new upstream subscription wait for a trial if its identity was in quarantine before; then one more kill
    /// is enough. Returns `true` if it waits.
    package mutating func admit(_ id: UpstreamID, _ request: FeedRequest) -> Bool {
        guard !quarantined.isEmpty, quarantined[request] != nil else { return false }
        suspects.insert(id)
        killCounts[id] = killCountLimit - 1
        trials.append(id)
        return true
    }

    /// Queues a suspect for its trial.
    package mutating func awaitTrial(of id: UpstreamID) { trials.append(id) }

    package mutating func cancelTrial(of id: UpstreamID) { trials.removeAll { $0 == id } }

    /// Removes and returns all suspects that wait, because no connection is available for trials.
    package mutating func takeTrials() -> [UpstreamID] {
        defer { trials = [] }
        return trials
    }

    /// The next step of the trials.
    package enum NextTrial: Hashable, Sendable {
        /// No suspect waits, or one is being tried.
        case none
        /// A limit over all connections keeps the suspect waiting.
        case waits(UpstreamID, WaitReason)
        /// The connection for trials takes the suspect.
        case begins(UpstreamID, on: SlotID)
        /// A connection for trials is needed.
        case needsSlot(UpstreamID, EndpointKind)
    }

    /// Decides on the suspect that has waited longest, and removes it from the queue if its trial begins.
    package mutating func nextTrial(
        in registry: SubscriptionRegistry, on pool: ConnectionPool, userCapacity: Int, _ turn: inout Turn
    ) -> NextTrial {
        trials.removeAll { registry[$0] == nil }
        guard let first = trials.first, let upstream = registry[first] else { return .none }
        // When the suspect left its slot, the limiter stopped counting its subscription and user. Others may have used
        // up the limits since.
        if let reason = turn.exhaustedLimit(for: upstream) { return .waits(first, reason) }
        let endpoint = upstream.traits.endpoint
        guard let slot = pool.slots.first(where: { $0.kind == .trial && $0.endpoint == endpoint }) else {
            return .needsSlot(first, endpoint)
        }
        guard slot.memberCount == 0 else { return .none }
        // The venue still counts the users of earlier suspects on its connection.
        if let user = upstream.feed.user, slot.load.userCount(adding: user, at: turn.now) > userCapacity {
            turn.wake(at: slot.load.nextUserEnd(at: turn.now))
            return .none
        }
        trials.removeFirst()
        return .begins(first, on: slot.id)
    }

    // MARK: Invariants

    /// The inconsistencies of the detector's tables; empty unless there is a bug. For seeded tests.
    package func checkInvariants() -> [String] {
        trials.filter { !suspects.contains($0) }.map { "\($0) waits for a trial and is no suspect" }
    }
}
