internal import HyperliquidWire

/// The faults in force: a plan's progress, and the lasting faults that have been switched on.
struct ActiveFaults: Hashable, Sendable {
    private let entries: [FaultPlan.Entry]
    private var nextEntry = 0
    private var stallsUpgrades = false
    private var refusalStatus: Int?
    private var acknowledgementsToDrop = 0
    private var subscribesUntilKill: Int?
    /// The delay of acknowledgements and answers; `nil` while the configured delay applies.
    private(set) var answerDelay: Duration?
    /// Whether acknowledgements that wait together are sent in reverse order.
    private(set) var reordersAcknowledgements = false

    init(_ plan: FaultPlan) { entries = plan.entries }

    /// When the plan's next fault happens; `nil` once all have happened.
    var nextDue: Instant? {
        nextEntry < entries.count ? .start.advanced(by: entries[nextEntry].time) : nil
    }

    /// Returns the plan's next fault if it is due, and steps past it.
    mutating func popDue(at now: Instant) -> FaultAction? {
        guard let due = nextDue, due <= now else { return nil }
        nextEntry += 1
        return entries[nextEntry - 1].action
    }

    /// Switches a lasting fault on or off.
    mutating func apply(_ action: FaultAction) {
        switch action {
        case .stallUpgrades(let isOn): stallsUpgrades = isOn
        case .refuseUpgrades(let status): refusalStatus = status
        case .delayAnswers(let delay): answerDelay = delay
        case .dropAcknowledgements(let count): acknowledgementsToDrop = count
        case .reorderAcknowledgements(let isOn): reordersAcknowledgements = isOn
        case .killAfterSubscribes(let count): subscribesUntilKill = count
        case .expire, .kill, .silence: break  // These happen to connections at once, and do not last.
        }
    }

    /// The answer to upgrades while a fault decides about them; `nil` otherwise.
    var admission: Exchange.Admission? {
        stallsUpgrades ? .stall : refusalStatus.map { .refuse(status: $0) }
    }

    /// Counts an acknowledgement. Returns whether it must be dropped.
    mutating func dropsAcknowledgement() -> Bool {
        guard acknowledgementsToDrop > 0 else { return false }
        acknowledgementsToDrop -= 1
        return true
    }

    /// Counts a subscribe request. Returns whether it kills its connection.
    mutating func killsAtSubscribe() -> Bool {
        guard let count = subscribesUntilKill else { return false }
        subscribesUntilKill = count > 1 ? count - 1 : nil
        return count <= 1
    }
}
