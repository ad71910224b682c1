import Hyperliquid
import TestPacing
import Testing

@Suite("Tasks on the client's loop", .overLoopback, .timeLimit(.minutes(30))) struct TaskExecutorTests {
    @Test func `readers that prefer the client's loop run on it and get all events in order`() async throws {
        try await withScript { client, venue in
            let coins = ["BTC", "ETH", "SOL"] as [Coin]
            let times = try await withThrowingTaskGroup(of: [Int64].self) { group in
                for coin in coins {
                    let subscription = try await client.subscribe(to: .bbo(coin), delivery: .buffered(limit: 100))
                    group.addTask(executorPreference: client.taskExecutor) {
                        var times: [Int64] = []
                        for try await event in subscription {
                            runsOnLoop(of: client)
                            if let data = event.data { times.append(data.timeMilliseconds) }
                            if times.count == 20 { break }
                        }
                        return times
                    }
                }
                for time in (1...20) as ClosedRange<Int64> {
                    for coin in coins { try await venue.send(Messages.bbo(0, coin: coin.name, time: time)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(times == Array(repeating: Array(1...20), count: 3))
        }
    }

    @Test func `a reader on the loop can be cancelled while it waits`() async throws {
        try await withScript { client, _ in
            let subscription = try await client.subscribe(to: .trades("BTC"))
            let reader = Task(executorPreference: client.taskExecutor) {
                for try await _ in subscription {}
            }
            reader.cancel()
            try await reader.value
            // The reader has unsubscribed on the loop before it ended.
            #expect(await client.subscription(subscription.id) == nil)
        }
    }

    /// Traps on any other thread.
    private func runsOnLoop(of client: HyperliquidClient) { client.assumeIsolated { _ in } }
}
