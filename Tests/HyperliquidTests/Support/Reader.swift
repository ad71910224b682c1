import Hyperliquid
import Testing

/// The ways in which a subscriber can get its events: each delivers the same ones in the same order.
enum DeliveryMode: CaseIterable, Sendable {
    case sequence
    case batches
    case group
    case callback
}

/// A subscriber that gets its events in one of these ways.
struct Reader<F: Feed> {
    let id: SubscriptionID
    private let take: () async throws -> FeedEvent<F.Event>?

    init(
        _ feed: F, through end: DeliveryMode, on client: HyperliquidClient,
        until completion: SubscribeCompletion = .acknowledged,
        delivery: DeliveryPolicy? = nil, timeout: Duration? = nil
    ) async throws {
        switch end {
        case .sequence:
            let subscription = try await client.subscribe(
                to: .feed(feed), until: completion, delivery: delivery, timeout: timeout)
            self.init(subscription)
        case .batches:
            let subscription = try await client.subscribe(
                to: .feed(feed), until: completion, delivery: delivery, timeout: timeout)
            var iterator = subscription.batches.makeAsyncIterator()
            var waiting: ArraySlice<FeedEvent<F.Event>> = []
            self.init(id: subscription.id) {
                if waiting.isEmpty {
                    guard let batch = try await iterator.next() else { return nil }
                    waiting = batch[...]
                }
                return waiting.popFirst()
            }
        case .group:
            let group = SubscriptionGroup<F>()
            let subscription = try await client.subscribe(
                to: .feed(feed), until: completion, delivery: delivery, timeout: timeout)
            group.add(subscription)
            var iterator = group.makeAsyncIterator()
            var waiting: ArraySlice<FeedEvent<F.Event>> = []
            self.init(id: subscription.id) {
                while waiting.isEmpty {
                    guard let batch = await iterator.next() else { return nil }
                    if let failure = batch.failure { throw failure }
                    waiting = batch.events[...]
                }
                return waiting.popFirst()
            }
        case .callback:
            let inbox = Inbox<Result<FeedEvent<F.Event>?, HyperliquidError>>()
            let id = try await client.subscribe(
                to: .feed(feed), until: completion, timeout: timeout, onEvent: { inbox.put(.success($0)) },
                onEnd: { inbox.put($0.map { .failure($0) } ?? .success(nil)) })
            self.init(id: id) { try await inbox.next().get() }
        }
    }

    /// Reads an existing sequence.
    init(_ subscription: Subscription<F>) {
        var iterator = subscription.makeAsyncIterator()
        self.init(id: subscription.id) { try await iterator.next() }
    }

    private init(id: SubscriptionID, take: @escaping () async throws -> FeedEvent<F.Event>?) {
        self.id = id
        self.take = take
    }

    /// The next event; `nil` at the end.
    func next() async throws -> FeedEvent<F.Event>? { try await take() }

    /// The next event; the end is a failure.
    func event() async throws -> FeedEvent<F.Event> { try #require(await take()) }

    /// The data of the next event that holds any.
    func data() async throws -> F.Event {
        while true {
            if let data = try await event().data { return data }
        }
    }

    /// The next gap; earlier events are dropped.
    func gap() async throws -> Gap {
        while true {
            if case .gap(let gap) = try await event() { return gap }
        }
    }

    /// The error that ends the subscription; earlier events are dropped.
    func failure() async throws -> HyperliquidError {
        do {
            while try await take() != nil {}
        } catch let error as HyperliquidError {
            return error
        }
        Issue.record("the subscription ended without an error")
        throw CancellationError()
    }
}
