internal import Hyperliquid

/// Subscribes and reads, in one of the three ways the client offers.
struct Consumer {
    let client: HyperliquidClient
    let tally: Tally

    /// Follows a feed until the process ends.
    func follow<F: Feed>(
        _ feed: F, on client: isolated HyperliquidClient, in group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws where F.Event: Summable {
        let tally = tally
        switch tally.arguments.mode {
        case .callback:
            try await client.subscribe(to: feed, until: .registered) { event in tally.take(event) }
        case .batches:
            let subscription = try await client.subscribe(to: feed, until: .registered, delivery: policy)
            group.addTask(executorPreference: client.taskExecutor) {
                for try await batch in subscription.batches {
                    for event in batch { tally.take(event) }
                }
            }
        case .events:
            let subscription = try await client.subscribe(to: feed, until: .registered, delivery: policy)
            group.addTask(executorPreference: client.taskExecutor) {
                for try await event in subscription { tally.take(event) }
            }
        }
    }

    /// Nothing is conflated; a consumer that is slow on purpose loses the oldest and counts them.
    private var policy: DeliveryPolicy {
        tally.arguments.isSlow ? .droppingOldest(limit: 4096) : .buffered(limit: tally.arguments.count + 1024)
    }
}
