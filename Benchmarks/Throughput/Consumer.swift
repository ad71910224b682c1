internal import Hyperliquid

/// Subscribes to feeds and reads their events, in one of the three ways that the client offers.
struct Consumer {
    let tally: Tally

    /// Subscribes to feeds of one type, and reads them until the process ends.
    func follow<F: Feed>(
        _ feeds: [F], on client: isolated HyperliquidClient, in group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws where F.Event: Summable {
        let tally = tally
        switch tally.arguments.mode {
        case .callback:
            for feed in feeds {
                try await client.subscribe(to: .feed(feed), until: .registered) { event in tally.take(event) }
            }
        case .batches where feeds.count > 1:
            let subscriptions = SubscriptionGroup<F>()
            group.addTask(executorPreference: client.taskExecutor) {
                for await batch in subscriptions {
                    if let failure = batch.failure { throw failure }
                    for event in batch.events { tally.take(event) }
                }
            }
            for feed in feeds { subscriptions.add(try await subscribe(to: feed, on: client)) }
        case .batches:
            for feed in feeds {
                let subscription = try await subscribe(to: feed, on: client)
                group.addTask(executorPreference: client.taskExecutor) {
                    for try await batch in subscription.batches {
                        for event in batch { tally.take(event) }
                    }
                }
            }
        case .events:
            for feed in feeds {
                let subscription = try await subscribe(to: feed, on: client)
                group.addTask(executorPreference: client.taskExecutor) {
                    for try await event in subscription { tally.take(event) }
                }
            }
        }
    }

    private func subscribe<F: Feed>(
        to feed: F, on client: isolated HyperliquidClient
    ) async throws -> Subscription<F> {
        try await client.subscribe(to: .feed(feed), until: .registered, delivery: policy)
    }

    /// No event is conflated. A consumer that is slow on purpose drops the oldest events and counts them.
    private var policy: DeliveryPolicy {
        tally.arguments.isSlow ? .droppingOldest(limit: 4096) : .buffered(limit: tally.arguments.count + 1024)
    }
}
