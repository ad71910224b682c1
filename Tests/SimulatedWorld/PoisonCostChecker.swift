import HyperliquidEngine
import HyperliquidWire

/// Checks what guilty feeds cost if nothing else fails: those that are poisonous, are ignored, or have too large messages.
///
/// A poisonous one is named within a minute, or two if there are more than two. A neighbour loses its connection at
/// most once for each guilty feed and each time it gets its first subscriber (docs/architecture.md, "Invariants").
struct PoisonCostChecker {
    /// The guilty identities that have subscribers, each with the time at which it was first asked for.
    private var askedAt: [FeedRequest: Instant] = [:]
    /// The guilty identities that are not poisonous.
    private var notBounded: Set<FeedRequest> = []
    /// How often a guilty identity that had no subscribers before was asked for. An identity whose last subscriber
    /// leaves before the verdict is forgotten, and may cost a connection again.
    private var searchCount = 0
    /// How often each upstream subscription has lost its connection.
    private var lossCounts: [UpstreamID: Int] = [:]
    private let longestSearch: Duration

    /// - Parameter poisonousCount: The number of poisonous identities of the plan. Each takes about five dials, so the
    ///   dials of one minute name two of them for certain.
    init(poisonousCount: Int) { longestSearch = .seconds(poisonousCount > 2 ? 120 : 60) }

    /// A subscribe of a guilty identity is sent.
    ///
    /// - Parameter isPoisonous: Whether it must be named in time. An ignored one, and one whose messages are too large,
    ///   may take longer.
    mutating func asked(_ request: FeedRequest, isPoisonous: Bool, at now: Instant) {
        guard askedAt[request] == nil else { return }
        askedAt[request] = now
        if !isPoisonous { notBounded.insert(request) }
        searchCount += 1
    }

    /// An identity was refused as poisonous, or its last subscriber has left.
    mutating func ended(_ request: FeedRequest) { askedAt[request] = nil }

    /// A subscription of an identity ends with an error.
    mutating func failed(_ request: FeedRequest, _ failure: Engine.Failure) {
        switch failure {
        case .poisoned, .unanswered, .messageTooLarge: ended(request)
        case .refused, .timedOut, .limitReached, .neverFits, .clientEnded: break
        }
    }

    /// A live upstream subscription that is not guilty has lost its connection. Returns the problem, `nil` if there
    /// is none.
    mutating func lost(_ upstream: UpstreamID) -> String? {
        lossCounts[upstream, default: 0] += 1
        let count = lossCounts[upstream, default: 0]
        if count <= searchCount { return nil }
        return "\(upstream) has lost \(count) connections to \(searchCount) guilty feeds"
    }

    /// The poisonous identity that was not named in time, as a problem.
    func problem(at now: Instant) -> String? {
        let late = askedAt.first { request, since in
            !notBounded.contains(request) && since.advanced(by: longestSearch) < now
        }
        return late.map { request, since in
            "\(request), asked for at \(since), is poisonous and was not named within \(longestSearch)"
        }
    }
}
