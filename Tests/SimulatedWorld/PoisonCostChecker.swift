import HyperliquidEngine
import HyperliquidWire

/// Checks what poisonous feeds cost if nothing else fails: each is named within a minute, or two if there are more than two, and a neighbour loses its
/// connection at most once for each of them and each time it gets its first subscriber (docs/architecture.md, "Invariants").
struct PoisonCostChecker {
    /// The poisonous identities that have subscribers, each with the time at which it was first asked for.
    private var askedAt: [FeedRequest: Instant] = [:]
    /// How often a poisonous identity that had no subscribers before was asked for. An identity whose last subscriber
    /// leaves before the verdict is forgotten, and may cost a connection again.
    private var searchCount = 0
    /// How often each upstream subscription has lost its connection.
    private var lossCounts: [UpstreamID: Int] = [:]
    private let longestSearch: Duration

    /// - Parameter poisonousCount: The number of poisonous identities of the plan. Each takes about five dials, so the
    ///   dials of one minute name two of them for certain.
    init(poisonousCount: Int) { longestSearch = .seconds(poisonousCount > 2 ? 120 : 60) }

    /// A subscribe of a poisonous identity is sent.
    mutating func asked(_ request: FeedRequest, at now: Instant) {
        guard askedAt[request] == nil else { return }
        askedAt[request] = now
        searchCount += 1
    }

    /// An identity was refused as poisonous, or its last subscriber has left.
    mutating func ended(_ request: FeedRequest) { askedAt[request] = nil }

    /// A live upstream subscription that is not poisonous has lost its connection. Returns the problem, `nil` if there
    /// is none.
    mutating func lost(_ upstream: UpstreamID) -> String? {
        lossCounts[upstream, default: 0] += 1
        let count = lossCounts[upstream, default: 0]
        if count <= searchCount { return nil }
        return "\(upstream) has lost \(count) connections to \(searchCount) poisonous feeds"
    }

    /// The poisonous identity that was not named in time, as a problem.
    func problem(at now: Instant) -> String? {
        askedAt.first { $0.value.advanced(by: longestSearch) < now }.map { request, since in
            "\(request), asked for at \(since), is poisonous and was not named within \(longestSearch)"
        }
    }
}
