internal import NIOCore

extension HyperliquidClient {
    /// How often the evidence for new listings is looked at while a group follows them.
    private static var lookInterval: Duration { .seconds(2) }
    /// When the venue is asked again after a coin was missing in an answer, or after there was none.
    private static var confirmationInterval: Duration { .seconds(10) }
    private static var retryInterval: Duration { .seconds(30) }

    /// Subscribes to a feed of every coin that a filter picks, and follows the listings.
    ///
    /// ```swift
    /// let books = try await client.subscribe(toEach: .perpetuals(dex: "xyz"), of: { .l2Book($0) })
    /// for await batch in books {
    ///     for event in batch.events { print(batch.feed.coin, event) }
    ///     if let failure = batch.failure { print(batch.feed.coin, failure) }
    /// }
    /// ```
    ///
    /// A coin that is listed later is subscribed to, and one that is delisted ends with an error of the code `delisted` in
    /// its last batch; listed once more, it is subscribed to again. The order of events within a coin holds. A member that
    /// ends for another reason, such as `overflow` or `poisoned`, is not subscribed to again until its coin has left the
    /// listings and come back.
    ///
    /// The client asks the venue what it lists when the group is made, every `refreshInterval`, and when its feeds show that
    /// something has changed, as described at ``universe(maximumAge:timeout:)``; `outcomeMetaUpdates` and `allMids` are
    /// feeds that show it soon. A coin that an answer merely leaves out is ended by the second such answer, and only if it
    /// brings no data meanwhile. Without an answer, everything stays as it is.
    /// - Parameters:
    ///   - filter: The coins, for example `.spot(quote: "USDC")`. If none is picked now, the group waits for the first.
    ///   - feed: The feed of a coin, for example `{ .l2Book($0, nSigFigs: 5) }`.
    ///   - delivery: What happens to events that are not read in time: the feed's own policy by default.
    ///   - waitsForLimits: Whether members for which the limits leave no place wait for one, or the call fails before
    ///     anything is sent. They wait by default. ``plan(toEach:of:timeout:)`` tells beforehand.
    ///   - refreshInterval: How often the venue is asked what it lists, 10 s or more: 1 min by default.
    ///   - timeout: How long to wait for the venue's answer: 15 s by default.
    /// - Returns: The group, whose members are asked for at the venue when this call returns, but not acknowledged yet.
    /// - Throws: ``HyperliquidError``, as ``universe(maximumAge:timeout:)`` does, and with the codes `invalidFeed`,
    ///   `invalidConfiguration` (a buffer of no events, or an interval under 10 s) and `limitReached`.
    public func subscribe<F>(
        toEach filter: MarketFilter, of feed: @escaping @Sendable (Coin) -> FeedChoice<F>,
        delivery: DeliveryPolicy? = nil, waitsForLimits: Bool = true, refreshInterval: Duration = .seconds(60),
        timeout: Duration = .seconds(15)
    ) async throws(HyperliquidError) -> SubscriptionGroup<F> {
        if let delivery { try check(delivery) }
        guard refreshInterval >= .seconds(10) else {
            throw HyperliquidError(
                code: .invalidConfiguration,
                message:
                    "The refresh interval is \(refreshInterval); use 10 s or more, because each answer costs requests.")
        }
        let universe = try await universe(maximumAge: .seconds(60), timeout: timeout)
        let feeds = try Self.feeds(universe, filter, feed)
        if !waitsForLimits {
            let plan = try await plan(feeds)
            if let shortage = plan.shortage {
                throw HyperliquidError(
                    code: .limitReached, message: "Of \(feeds.count) subscriptions, \(shortage). Nothing was sent.")
            }
        }
        let members = GroupMembers(followsListings: true)
        let follower = GroupFollower(
            filter, of: feed, delivery, members: members, refreshInterval: refreshInterval)
        _ = follower.update(universe, .everything, on: self)
        if runtime.isFinished { follower.end() } else { followers.append(follower) }
        listingNews.change { _ in true }
        return SubscriptionGroup(following: members)
    }

    /// Plans the subscriptions that ``subscribe(toEach:of:delivery:waitsForLimits:refreshInterval:timeout:)`` would make
    /// now, beside those that the client has. Nothing is subscribed to.
    /// - Parameters:
    ///   - filter: The coins.
    ///   - feed: The feed of a coin, for example `{ .l2Book($0) }`.
    ///   - timeout: How long to wait for the venue's answer: 15 s by default.
    /// - Returns: What fits under the configured limits, what would wait, and for which limit.
    /// - Throws: ``HyperliquidError``, as ``universe(maximumAge:timeout:)`` does, and with the code `invalidFeed`.
    public func plan<F>(
        toEach filter: MarketFilter, of feed: @Sendable (Coin) -> FeedChoice<F>, timeout: Duration = .seconds(15)
    ) async throws(HyperliquidError) -> SubscriptionPlan {
        let universe = try await universe(maximumAge: .seconds(60), timeout: timeout)
        return try await plan(try Self.feeds(universe, filter, feed))
    }

    private static func feeds<F>(
        _ universe: Universe, _ filter: MarketFilter, _ feed: (Coin) -> FeedChoice<F>
    ) throws(HyperliquidError) -> [any Feed] {
        var feeds: [any Feed] = []
        for market in universe.markets(filter) {
            let feed = feed(market.coin).feed
            try validate(feed)
            feeds.append(feed)
        }
        return feeds
    }

    private func plan(_ feeds: [any Feed]) async throws(HyperliquidError) -> SubscriptionPlan {
        let held = runtime.allSubscribers.map { ($0.request, $0.traits) }
        return try await Self.plan(feeds, besides: held, runtime.configuration)
    }

    /// Not on the client's loop, because hundreds of feeds take a while to plan.
    @concurrent private nonisolated static func plan(
        _ feeds: [any Feed], besides held: [(FeedRequest, FeedTraits)], _ configuration: ClientConfiguration
    ) async throws(HyperliquidError) -> SubscriptionPlan {
        let planner = try ConnectionPlanner(configuration: configuration)
        for (request, traits) in held { planner.add(request, traits) }
        for feed in feeds { planner.add(feed.request, feed.traits) }
        return planner.subscriptionPlan(of: feeds.map(\.request))
    }

    // MARK: Following

    /// Asks the venue again as often as the groups that follow the listings need it, until the task is cancelled.
    func followListings() async {
        var nextLook = Self.now
        while !Task.isCancelled {
            let version = listingNews.current.version
            followers.removeAll(where: \.isOver)
            var timer: Scheduled<Void>?
            if let interval = followers.map(\.refreshInterval).min() {
                if nextLook <= Self.now {
                    let maximumAge = needsConfirmation ? min(Self.confirmationInterval, interval) : interval
                    nextLook = Self.now.advanced(by: await look(maximumAge))
                    continue
                }
                timer = eventLoop.scheduleTask(in: .nanoseconds(Self.now.duration(to: nextLook).nanoseconds)) {
                    [listingNews] in listingNews.change { _ in true }
                }
            }
            await listingNews.wait(after: version)
            timer?.cancel()
        }
        for follower in followers { follower.end() }
        followers = []
    }

    /// Asks the venue what it lists unless an answer is new enough. Returns when to look again.
    private func look(_ maximumAge: Duration) async -> Duration {
        do throws(HyperliquidError) {
            _ = try await universe(maximumAge: maximumAge)
            return Self.lookInterval
        } catch {
            if error.code != .cancelled, error.code != .clientEnded { runtime.report(.listingsUnknown(error)) }
            return Self.retryInterval
        }
    }

    /// Takes a new answer of the venue into the groups that follow the listings.
    func updateFollowers(_ universe: Universe, _ question: ListingState.Question) {
        followers.removeAll(where: \.isOver)
        needsConfirmation = followers.reduce(false) { $1.update(universe, question, on: self) || $0 }
    }
}
