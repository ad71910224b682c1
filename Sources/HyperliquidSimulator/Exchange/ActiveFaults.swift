internal import HyperliquidWire

/// The faults in force: a plan's progress, and the lasting faults that have been switched on.
struct ActiveFaults: Hashable, Sendable {
    private var schedule: FaultSchedule
    private var stallsUpgrades = false
    private var refusalStatus: Int?
    private var subscribesUntilKill: Int?
    /// The delay of data; zero without the fault.
    private(set) var dataDelay = Duration.zero
    var subscriptionFaults = SubscriptionFaults()
    var answerFaults = AnswerFaults()

    init(_ plan: FaultPlan) { schedule = FaultSchedule(plan) }

    /// When the plan's next fault happens; `nil` once all have happened.
    var nextDue: Instant? { schedule.nextDue }

    /// Returns the plan's next fault if it is due, and steps past it.
    mutating func popDue(at now: Instant) -> FaultAction? { schedule.popDue(at: now) }

    /// Switches a lasting fault on or off. The other faults happen to connections at once, and do not last.
    mutating func apply(_ action: FaultAction) {
        switch action {
        case .stallUpgrades(let isOn): stallsUpgrades = isOn
        case .refuseUpgrades(let status): refusalStatus = status
        case .killAfterSubscribes(let count): subscribesUntilKill = count
        case .poison, .ignore: subscriptionFaults.apply(action)
        case .delayAnswers, .dropAcknowledgements, .reorderAcknowledgements, .glueAcknowledgements, .changeEchoCase,
            .refuseSubscribes:
            answerFaults.apply(action)
        case .delayData(let delay): dataDelay = delay
        case .expire, .close, .kill, .silence, .enlargeMessage, .withholdData, .withholdPongs, .jumpClock, .sendError,
            .list, .delist, .setLimit:
            break
        }
    }

    /// The answer to upgrades while a fault decides about them; `nil` otherwise.
    var admission: Exchange.Admission? {
        stallsUpgrades ? .stall : refusalStatus.map { .refuse(status: $0) }
    }

    /// Counts a subscribe request. Returns whether it kills its connection.
    mutating func killsAtSubscribe() -> Bool {
        guard let count = subscribesUntilKill else { return false }
        subscribesUntilKill = count > 1 ? count - 1 : nil
        return count <= 1
    }
}

/// A plan's progress.
private struct FaultSchedule: Hashable, Sendable {
    private let entries: [FaultPlan.Entry]
    private var nextEntry = 0

    init(_ plan: FaultPlan) { entries = plan.entries }

    var nextDue: Instant? {
        nextEntry < entries.count ? .start.advanced(by: entries[nextEntry].time) : nil
    }

    mutating func popDue(at now: Instant) -> FaultAction? {
        guard let due = nextDue, due <= now else { return nil }
        nextEntry += 1
        return entries[nextEntry - 1].action
    }
}

/// The faults of single subscriptions, by their requests without defaults and unknown fields.
struct SubscriptionFaults: Hashable, Sendable {
    private var poisons: [FeedRequest: FaultAction.Poison] = [:]
    private var ignored: Set<FeedRequest> = []
    private var paddings: [Topic: MessagePadding] = [:]

    mutating func apply(_ action: FaultAction) {
        switch action {
        case .poison(let request, let poison): poisons[SubscriptionEcho.normalised(request)] = poison
        case .ignore(let request, true): ignored.insert(SubscriptionEcho.normalised(request))
        case .ignore(let request, false): ignored.remove(SubscriptionEcho.normalised(request))
        default: break
        }
    }

    /// How a subscription is poisonous because of a fault; `nil` if it is not.
    func poison(of request: FeedRequest) -> FaultAction.Poison? { poisons[request] }

    /// Whether requests about the subscription are ignored.
    func ignores(_ request: FeedRequest) -> Bool { ignored.contains(request) }

    /// Enlarges the next message of a subscription; with `nil`, no longer.
    mutating func enlarge(_ topic: Topic, by padding: MessagePadding?) { paddings[topic] = padding }

    /// Takes the padding of a message of the subscription; `nil` if it has none.
    mutating func takePadding(of topic: Topic) -> MessagePadding? {
        paddings.isEmpty ? nil : paddings.removeValue(forKey: topic)
    }
}

/// The faults of acknowledgements, error messages and answers to posts.
struct AnswerFaults: Hashable, Sendable {
    private var acknowledgementsToDrop = 0
    private var acknowledgementsToGlue = 0
    private var subscribesToRefuse = 0
    private var refusal: String?
    /// The delay of acknowledgements and answers; `nil` while the configured delay applies.
    private(set) var delay: Duration?
    /// Whether acknowledgements that wait together are sent in reverse order.
    private(set) var reordersAcknowledgements = false
    /// Whether acknowledgements show coins and users in another case.
    private(set) var changesEchoCase = false

    mutating func apply(_ action: FaultAction) {
        switch action {
        case .delayAnswers(let delay): self.delay = delay
        case .dropAcknowledgements(let count): acknowledgementsToDrop = count
        case .reorderAcknowledgements(let isOn): reordersAcknowledgements = isOn
        case .glueAcknowledgements(let count): acknowledgementsToGlue = count
        case .changeEchoCase(let isOn): changesEchoCase = isOn
        case .refuseSubscribes(let count, let text): (subscribesToRefuse, refusal) = (count, text)
        default: break
        }
    }

    /// Counts an acknowledgement. Returns whether it must be dropped.
    mutating func dropsAcknowledgement() -> Bool { Self.countDown(&acknowledgementsToDrop) }

    /// Counts an acknowledgement that is sent. Returns whether the message that follows is sent in the same text.
    mutating func gluesAcknowledgement() -> Bool { Self.countDown(&acknowledgementsToGlue) }

    /// Counts a subscribe request. Returns the error with which it is refused; `nil` if it is not.
    mutating func refusal(of request: FeedRequest) -> String? {
        guard Self.countDown(&subscribesToRefuse) else { return nil }
        return refusal ?? "Unknown market: \(SubscriptionEcho.text(request))"
    }

    private static func countDown(_ count: inout Int) -> Bool {
        guard count > 0 else { return false }
        count -= 1
        return true
    }
}
