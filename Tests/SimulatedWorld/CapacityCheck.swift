import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Checks whether a set of feeds fits the limits of both the engine and the venue.
///
/// It counts feeds, users and slots only. It does not use the engine's placement.
struct CapacityCheck {
    private let plan: WorldPlan
    private let clientCount: Int
    private var requests: Set<FeedRequest> = []
    /// The number of feeds for each message key. Feeds with equal keys need separate connections.
    private var feedCounts: [TestFeed.MessageKey: Int] = [:]
    private var users: Set<String> = []
    private var endpoints: Set<EndpointKind> = []
    private var dedicatedCount = 0
    private var sharedCount = 0

    /// - Parameter clientCount: The number of clients that share the limits.
    init(_ plan: WorldPlan, clientCount: Int = 1) {
        self.plan = plan
        self.clientCount = clientCount
    }

    /// Adds a feed if it fits beside the feeds added so far. Returns whether it was added or is already there.
    mutating func addIfFits(_ feed: TestFeed) -> Bool {
        guard !requests.contains(feed.request) else { return true }
        var next = self
        next.add(feed)
        guard next.fits else { return false }
        self = next
        return true
    }

    private mutating func add(_ feed: TestFeed) {
        requests.insert(feed.request)
        feedCounts[feed.messageKey, default: 0] += 1
        endpoints.insert(feed.traits.endpoint)
        if let user = feed.request.user { users.insert(user) }
        switch feed.traits.connectionType {
        case .shared: sharedCount += 1
        case .dedicated: dedicatedCount += 1
        case .userGrouped: break
        }
    }

    private var fits: Bool {
        let limits = plan.engine.limits
        let venue = plan.exchange
        return requests.count <= min(limits.subscriptions, venue.subscriptionLimit) / clientCount
            && users.count <= min(limits.users, venue.userLimit) / clientCount
            && slotCountBound
                <= min(limits.connections - plan.engine.spareConnectionCount, venue.connectionLimit) / clientCount
    }

    /// An upper bound on the slots that a placement needs.
    private var slotCountBound: Int {
        let explorerCount = endpoints.contains(.explorer) ? 1 : 0
        let perConnection = plan.engine.limits.subscriptionsPerConnection ?? plan.engine.limits.subscriptions
        let usersPerConnection = plan.engine.limits.usersPerConnection ?? plan.engine.limits.users
        switch plan.engine.policy {
        case .packed:
            let ambiguousCount = feedCounts.values.max() ?? 0
            let byCount = (requests.count + perConnection - 1) / perConnection
            let byUsers =
                (users.count + usersPerConnection - 1) / usersPerConnection
            return explorerCount + ambiguousCount + max(0, byCount - 1) + max(0, byUsers - 1)
        case .isolated:
            // After unsubscribes, each of the remaining shared feeds may be on a connection of its own.
            return dedicatedCount + sharedCount + 3 * users.count
        }
    }
}
