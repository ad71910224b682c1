package import HyperliquidWire

/// What is known of an upstream subscription that may have cost a connection, and when it is tried next.
package struct Suspect: Hashable, Sendable {
    /// What the upstream subscription may have done. It decides what its trial has to show.
    package enum Charge: Hashable, Sendable {
        /// A connection died while the subscribe was unanswered. An answer acquits.
        case killed
        /// A connection died shortly after the subscribe was answered. A connection that holds after the answer
        /// acquits.
        case killedAfterAnswer
        /// The venue did not answer the subscribe, and brought no data. An answer acquits.
        case ignored
        /// A message beyond the size limit came, and was perhaps its own. A smaller message acquits, and so does a
        /// while without any.
        case sentTooLarge
    }

    package private(set) var charge: Charge
    /// When it was first suspected, or when the evidence against it was last dropped.
    package private(set) var since: Instant
    /// How many connections have died soon after it was asked for, with no other request pending.
    package private(set) var killCount = 0
    /// The time before which no trial begins.
    package private(set) var notBefore: Instant
    /// Whether the next kill can condemn it.
    package private(set) var isInLastTrial = false
    /// The last kill, which condemns unless other connections die too; `nil` before it.
    package private(set) var lastKill: Kill?
    /// The group with which it is tried, if it was answered before a death. A group is halved when its connection dies.
    package private(set) var group: UInt64
    /// Whether its messages are delivered during its trial.
    package private(set) var delivers = false
    private var dropCount = 0

    /// A kill that may condemn.
    package struct Kill: Hashable, Sendable {
        /// Since when the other connections must hold: for a while before the suspect was asked for.
        package let heldSince: Instant
        /// Whether the connection had carried other feeds for a while, so that it shows itself that others hold.
        package let hadOthers: Bool
        /// When the verdict falls.
        package let verdictAt: Instant
    }

    /// The longest pause before the next trial when the venue is in trouble.
    private static let longestPause: Duration = .seconds(10)

    package init(_ charge: Charge, killCount: Int = 0, group: UInt64 = 0, since: Instant) {
        self.charge = charge
        self.killCount = killCount
        self.group = group
        self.since = since
        notBefore = since
    }

    /// Counts a connection that it has probably killed.
    mutating func kill() {
        if charge != .killedAfterAnswer { charge = .killed }
        killCount += 1
    }

    /// Notes that the last kill condemns unless other connections die until the verdict.
    mutating func charge(_ kill: Kill) { lastKill = kill }

    mutating func join(_ group: UInt64) { self.group = group }

    mutating func deliver(_ delivers: Bool) { self.delivers = delivers }

    /// Plans the last trial.
    mutating func awaitLastTrial(notBefore time: Instant) {
        isInLastTrial = true
        wait(until: time)
    }

    /// Puts the next trial off.
    mutating func wait(until time: Instant) { notBefore = max(notBefore, time) }

    /// Drops the evidence, because connections without it die too.
    mutating func dropEvidence(at now: Instant) {
        killCount = 0
        isInLastTrial = false
        lastKill = nil
        since = now
    }

    /// Drops the evidence, and pauses: at first for a second, then for twice as long each time, at most for 10 s.
    mutating func dropEvidenceAndPause(at now: Instant) {
        dropEvidence(at: now)
        let pause = min(.seconds(1) * (1 << min(dropCount, 4)), Self.longestPause)
        dropCount += 1
        wait(until: now.advanced(by: pause))
    }
}
