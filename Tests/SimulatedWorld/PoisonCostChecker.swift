import HyperliquidEngine
import HyperliquidWire

/// Checks what poisonous feeds cost if nothing else fails: each is named within a minute, and a neighbour loses its
/// connection at most once for each of them (docs/architecture.md, "Invariants").
struct PoisonCostChecker {
    /// The poisonous identities that have subscribers, each with the time at which it was first asked for.
    private var askedAt: [FeedRequest: Instant] = [:]
    /// The poisonous identities that were ever asked for.
    private var identities: Set<FeedRequest> = []
    /// How often each upstream subscription has lost its connection.
    private var lossCounts: [UpstreamID: Int] = [:]
    private static let longestSearch: Duration = .seconds(60)

    /// A subscribe of a poisonous identity is sent.
    mutating func asked(_ request: FeedRequest, at now: Instant) {
        identities.insert(request)
        if askedAt[request] == nil { askedAt[request] = now }
    }

    /// An identity was refused as poisonous, or its last subscriber has left.
    mutating func ended(_ request: FeedRequest) { askedAt[request] = nil }

    /// A live upstream subscription that is not poisonous has lost its connection. Returns the problem, `nil` if there
    /// is none.
    mutating func lost(_ upstream: UpstreamID) -> String? {
        lossCounts[upstream, default: 0] += 1
        let count = lossCounts[upstream, default: 0]
        if count <= identities.count { return nil }
        return "\(upstream) has lost \(count) connections to \(identities.count) poisonous feeds"
    }

    /// The poisonous identity that was not named in time, as a problem.
    func problem(at now: Instant) -> String? {
        askedAt.first { $0.value.advanced(by: Self.longestSearch) < now }.map { request, since in
            "\(request), asked for at \(since), is poisonous and was not named within \(Self.longestSearch)"
        }
    }
}
