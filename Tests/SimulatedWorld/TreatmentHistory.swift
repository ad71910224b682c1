import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// What the venue has done to each identity, by which the errors of subscriptions are judged. Only the venue knows it.
struct TreatmentHistory {
    private struct Refusal: Hashable {
        let request: FeedRequest
        let text: String
    }

    /// Whether the venue breaks its habits. Otherwise, it answers every subscribe in time.
    private let breaksHabits: Bool
    /// The delay from which on an answer may come too late: half of the time for which a client waits.
    private let slowAnswerDelay: Duration
    /// When an identity was last poisonous because of a fault that has ended.
    private var poisonEnds: [FeedRequest: Instant] = [:]
    /// When a subscribe of an identity last reached the venue and was not obeyed.
    private var passedOverAt: [FeedRequest: Instant] = [:]
    /// When a message of an identity beyond the size limit was last sent.
    private var largeMessages: [FeedRequest: Instant] = [:]
    /// When an error was last sent that quotes an identity.
    private var refusals: [Refusal: Instant] = [:]
    /// Whether answers come too late, and when they last did.
    private var areAnswersSlow = false
    private var slowAnswersEnd: Instant?
    /// When subscribes of healthy feeds last killed their connections: the last two times.
    private var subscribeKills: [Instant] = []

    init(_ plan: WorldPlan) {
        breaksHabits = plan.breaksHabits
        slowAnswerDelay = plan.engine.answerTimeout / 2
    }

    /// Notes a fault that is about to happen.
    mutating func note(_ fault: FaultAction, _ exchange: Exchange, at now: Instant) {
        switch fault {
        case .poison(let request, _): if exchange.verdict(on: request) == .poison { poisonEnds[request] = now }
        case .delayAnswers(let delay):
            if areAnswersSlow { slowAnswersEnd = now }
            areAnswersSlow = delay >= slowAnswerDelay
        default: break
        }
    }

    mutating func passedOver(_ request: FeedRequest, at now: Instant) { passedOverAt[request] = now }

    mutating func killedBySubscribe(at now: Instant) { subscribeKills = subscribeKills.suffix(1) + [now] }

    mutating func sentTooLarge(_ messages: [VenueMessage], at now: Instant) {
        if case .data(_, _, _, let origin?) = messages.last { largeMessages[origin.request] = now }
    }

    mutating func refused(_ error: VenueError, at now: Instant) {
        switch error {
        case .invalidSubscription(let request?, let text), .unreadableRequest(_, let request?, let text),
            .unknownRefusal(_, let request, let text):
            refusals[Refusal(request: request, text: text)] = now
        default: break
        }
    }

    /// Whether connections have died twice because something was subscribed to there. If it is the same feed each time,
    /// nobody can tell this from poison.
    private func isPoisonImitated(since start: Instant) -> Bool {
        subscribeKills.count == 2 && subscribeKills[0] >= start
    }

    /// Whether an error of a subscription is the venue's doing.
    ///
    /// - Parameters:
    ///   - start: When the upstream subscription began.
    ///   - verdict: What the venue would do with a subscribe now.
    func explains(
        _ failure: Engine.Failure, of request: FeedRequest, since start: Instant, _ verdict: Exchange.Verdict
    ) -> Bool {
        func isSince(_ time: Instant?) -> Bool { time.map { $0 >= start } == true }
        switch failure {
        case .refused(let text):
            return verdict == .refused || isSince(refusals[Refusal(request: request, text: text)])
        case .poisoned: return verdict == .poison || isSince(poisonEnds[request]) || isPoisonImitated(since: start)
        case .unanswered:
            return breaksHabits && (isSince(passedOverAt[request]) || areAnswersSlow || isSince(slowAnswersEnd))
        case .messageTooLarge: return isSince(largeMessages[request])
        case .timedOut, .limitReached, .neverFits, .clientEnded: return false
        }
    }
}
