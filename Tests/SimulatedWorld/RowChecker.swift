import Hyperliquid
import HyperliquidWire
import Synchronization

/// Checks that the rows of a feed with keys are delivered once each, although the venue repeats some of them after
/// each subscribe.
final class RowChecker: Sendable {
    private enum Key: Hashable, Sendable {
        case trade(milliseconds: Int64, id: Int64)
        case fill(Fill.RowKey)
        case funding(Funding.RowKey)
    }

    private struct State {
        /// The rows that the present subscribers were given.
        var delivered: Set<Key> = []
        /// The rows of the message that is being checked.
        var unchecked: [Key] = []
        var repeated: Key?
        /// What the next message may repeat since the last move.
        var move = Move.none
    }

    private enum Move {
        case none
        /// The next message is the replay on the new connection. The client recognises its rows.
        case awaitsReplay
        /// The old connection may have brought rows that are still under way on the new one, behind the replay.
        case mayRepeat
    }

    /// The upstream subscription is live on another connection.
    func moved() { state.withLock { $0.move = .awaitsReplay } }

    private let state = Mutex(State())

    private func add(_ keys: [Key]) { state.withLock { $0.unchecked += keys } }

    /// The last subscriber has left. Other subscribers may be given the same rows again.
    func lastSubscriberLeft() { state.withLock { $0 = State(repeated: $0.repeated) } }

    /// The message of the rows is known.
    ///
    /// - Parameter isLate: Whether the venue sent it after the end of its subscription. The client takes a late message
    ///   that comes after the next subscribe for the first one of it, so the replay may repeat the rows.
    func messageArrived(isLate: Bool) {
        state.withLock { state in
            let repeated = isLate ? [] : state.unchecked.filter { !state.delivered.insert($0).inserted }
            if state.move != .mayRepeat { state.repeated = state.repeated ?? repeated.first }
            if state.move == .awaitsReplay {
                state.move = .mayRepeat
            } else if repeated.isEmpty, !state.unchecked.isEmpty {
                state.move = .none
            }
            state.unchecked = []
        }
    }

    /// The first row that was delivered twice, as a problem; `nil` if there is none.
    var problem: String? {
        state.withLock { $0.repeated.map { "a row was delivered twice: \($0)" } }
    }

    /// Subscribes to the rows of a feed.
    ///
    /// - Returns: The subscriber, `nil` if the feed is not one of those whose rows are checked.
    func subscribe(to feed: TestFeed, on dispatcher: UpstreamDispatcher, queue: _FlushQueue) -> AnyObject? {
        let user = feed.request.user.flatMap { try? Address($0) }
        let coin: String? = if case .string(let coin) = feed.request["coin"] { coin } else { nil }
        switch (feed.request.type, coin, user) {
        case ("trades", let coin?, _):
            return subscribe(to: TradesFeed(coin: Coin(coin)), on: dispatcher, queue: queue) { trades in
                trades.map { .trade(milliseconds: $0.timeMilliseconds, id: $0.tradeID) }
            }
        case ("userFills", _, let user?):
            let isAggregated = feed.request["aggregateByTime"] == .boolean(true)
            let fills = UserFillsFeed(user: user, aggregateByTime: isAggregated)
            return subscribe(to: fills, on: dispatcher, queue: queue) { event in event.rows.map { .fill($0.rowKey) } }
        case ("userFundings", _, let user?):
            return subscribe(to: UserFundingsFeed(user: user), on: dispatcher, queue: queue) { event in
                event.rows.map { .funding($0.rowKey) }
            }
        default: return nil
        }
    }

    private func subscribe<F: Feed>(
        to feed: F, on dispatcher: UpstreamDispatcher, queue: _FlushQueue, keys: @escaping @Sendable (F.Event) -> [Key]
    ) -> AnyObject {
        let subscriber = _FeedSubscriber<F.Event>(
            .callback { [self] event in
                if let data = event.data { add(keys(data)) }
            }, conflates: false, queue: queue)
        dispatcher.feedDispatcher(for: feed).attach(subscriber)
        return subscriber
    }
}
