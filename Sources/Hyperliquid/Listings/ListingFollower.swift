package import HyperliquidWire
internal import WebSocketTransport

/// The coins that a filter picks, as the listings change. It decides; the client subscribes.
package struct FollowedMarkets {
    /// Why a coin is followed no longer.
    package enum End: Hashable {
        /// The venue marks it as delisted.
        case delisted
        /// The venue does not list it any more.
        case unlisted
        /// It is listed, but the filter does not pick it any more.
        case notPicked
    }

    package struct Changes: Equatable {
        /// Coins that are followed from now on, in the order of the listings.
        package var added: [Coin] = []
        package var ended: [Coin: End] = [:]
        /// Whether a coin was missing for the first time, so that the next answer should come soon.
        package var needsConfirmation = false

        package init(added: [Coin] = [], ended: [Coin: End] = [:], needsConfirmation: Bool = false) {
            (self.added, self.ended, self.needsConfirmation) = (added, ended, needsConfirmation)
        }
    }

    private let filter: MarketFilter
    /// Whether each coin was missing in the last answer.
    private var isMissing: [Coin: Bool] = [:]

    package init(_ filter: MarketFilter) { self.filter = filter }

    /// The changes that a new answer of the venue makes.
    ///
    /// A coin that an answer does not name at all is ended by the second such answer in a row, unless something speaks for
    /// it: the answer may be wrong.
    /// - Parameter isAlive: Whether a coin has brought data since the answer before this one, or was not asked about.
    package mutating func update(_ universe: Universe, isAlive: (Coin) -> Bool) -> Changes {
        var changes = Changes()
        for (coin, wasMissing) in isMissing {
            if let market = universe[coin], market.coin == coin {
                isMissing[coin] = false
                if market.isDelisted {
                    changes.ended[coin] = .delisted
                } else if !filter.contains(market) {
                    changes.ended[coin] = .notPicked
                }
            } else if wasMissing, !isAlive(coin) {
                changes.ended[coin] = .unlisted
            } else {
                isMissing[coin] = true
                // Not for ever: the venue may go on with a coin that it does not name.
                if !wasMissing { changes.needsConfirmation = true }
            }
        }
        for coin in changes.ended.keys { isMissing[coin] = nil }
        for market in universe.markets(filter) where isMissing[market.coin] == nil {
            isMissing[market.coin] = false
            changes.added.append(market.coin)
        }
        return changes
    }
}

/// Keeps a group subscribed to the coins that a filter picks, with the feed's type hidden.
protocol ListingFollower: AnyObject {
    /// How old an answer of the venue may become.
    var refreshInterval: Duration { get }
    /// Whether nobody reads the group any more.
    var isOver: Bool { get }
    /// Subscribes to the coins that are new in an answer, and ends those that are gone.
    /// - Returns: Whether the next answer should come soon.
    func update(
        _ universe: Universe, _ question: ListingState.Question, on client: isolated HyperliquidClient
    ) -> Bool
    /// Notes that the client has ended.
    func end()
}

final class GroupFollower<F: Feed>: ListingFollower {
    let refreshInterval: Duration
    private var markets: FollowedMarkets
    private let makeFeed: @Sendable (Coin) -> FeedChoice<F>
    private let policy: DeliveryPolicy?
    private let members: GroupMembers
    private var ids: [Coin: SubscriptionID] = [:]
    /// When the last answer came, in milliseconds since 1970.
    private var lastUpdate: Int64 = 0

    init(
        _ filter: MarketFilter, of makeFeed: @escaping @Sendable (Coin) -> FeedChoice<F>, _ policy: DeliveryPolicy?,
        members: GroupMembers, refreshInterval: Duration
    ) {
        markets = FollowedMarkets(filter)
        self.makeFeed = makeFeed
        self.policy = policy
        self.members = members
        self.refreshInterval = refreshInterval
    }

    var isOver: Bool { members.isClosed }

    func end() { members.endFollowing() }

    func update(
        _ universe: Universe, _ question: ListingState.Question, on client: isolated HyperliquidClient
    ) -> Bool {
        let now = SystemClock.wallMilliseconds
        defer { lastUpdate = now }
        let changes = markets.update(universe) { coin in
            // The rest of an answer about outcomes is the former answer.
            if question == .outcomes, !coin.name.hasPrefix("#") { return true }
            let subscriber = ids[coin].flatMap { client.runtime.subscriber($0) }
            return subscriber?.metrics(atMilliseconds: now).lastMessageMilliseconds.map { $0 > lastUpdate } ?? false
        }
        for (coin, reason) in changes.ended.sorted(by: { $0.key < $1.key }) {
            guard let id = ids.removeValue(forKey: coin), let subscriber = client.runtime.subscriber(id) else {
                continue
            }
            client.runtime.unsubscribe(id, error: .noLongerFollowed(subscriber.request, coin, reason))
        }
        for coin in changes.added {
            let feed = makeFeed(coin).feed
            // The feeds of the first coins were valid, and so the caller was told if one was not.
            guard (try? feed.validate()) != nil else { continue }
            let subscription = client.subscribe(toChecked: feed, policy ?? feed.traits.delivery)
            ids[coin] = subscription.id
            members.add(GroupMember(subscription))
        }
        return changes.needsConfirmation
    }
}

extension HyperliquidError {
    fileprivate static func noLongerFollowed(
        _ request: FeedRequest, _ coin: Coin, _ end: FollowedMarkets.End
    ) -> HyperliquidError {
        let reason =
            switch end {
            case .delisted: "the venue has delisted \(coin)"
            case .unlisted: "the venue does not list \(coin) any more"
            case .notPicked: "the filter does not pick \(coin) any more"
            }
        return HyperliquidError(code: .delisted, message: "\(request) has ended, because \(reason).")
    }
}
