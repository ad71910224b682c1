import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// Whether subscriptions fit what both the engine and the venue allow, counted without knowing how the engine places them.
struct CapacityCheck {
    private let plan: WorldPlan
    private let share: Int
    private var requests: Set<FeedRequest> = []
    private var doubles: [Offer.Visible: Int] = [:]
    private var users: Set<String> = []
    private var endpoints: Set<EndpointKind> = []
    private var dedicatedCount = 0
    private var sharedCount = 0

    /// - Parameter share: How many clients share what is allowed.
    init(_ plan: WorldPlan, share: Int = 1) {
        self.plan = plan
        self.share = share
    }

    mutating func takes(_ offer: Offer) -> Bool {
        guard !requests.contains(offer.request) else { return true }
        var next = self
        next.add(offer)
        guard next.fits else { return false }
        self = next
        return true
    }

    private mutating func add(_ offer: Offer) {
        requests.insert(offer.request)
        doubles[offer.visible, default: 0] += 1
        endpoints.insert(offer.traits.endpoint)
        if let user = offer.request.user { users.insert(user) }
        switch offer.traits.connectionType {
        case .shared: sharedCount += 1
        case .dedicated: dedicatedCount += 1
        case .userGrouped: break
        }
    }

    private var fits: Bool {
        let limits = plan.engine.limits
        let venue = plan.exchange
        return requests.count <= min(limits.subscriptionCount, venue.subscriptionLimit) / share
            && users.count <= min(limits.userCount, venue.userLimit) / share
            && slotCount
                <= min(limits.connectionCount - plan.engine.spareConnectionCount, venue.connectionLimit) / share
    }

    /// More slots than any placement would need.
    private var slotCount: Int {
        let explorerCount = endpoints.contains(.explorer) ? 1 : 0
        let perConnection = plan.engine.limits.subscriptionsPerConnection ?? plan.engine.limits.subscriptionCount
        let usersPerConnection = plan.engine.limits.usersPerConnection ?? plan.engine.limits.userCount
        switch plan.engine.policy {
        case .packed:
            let separate = doubles.values.max() ?? 0
            let byCount = (requests.count + perConnection - 1) / perConnection
            let byUsers =
                (users.count + usersPerConnection - 1) / usersPerConnection
            return explorerCount + separate + max(0, byCount - 1) + max(0, byUsers - 1)
        case .isolated:
            // Those who have left may have left each shared feed on a connection of its own.
            return dedicatedCount + sharedCount + 3 * users.count
        }
    }
}
