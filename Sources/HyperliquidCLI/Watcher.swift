internal import Hyperliquid
internal import Synchronization

/// Subscribes to what the command line names, prints what comes, and sums up.
final class Watcher: Sendable {
    private struct State {
        var dataCount = 0
        var ids: [SubscriptionID: Int] = [:]
        var endedCount = 0
        var failedCount = 0
        var isOver = false
    }

    private let arguments: [FeedArgument]
    private let format: Watch.Format
    private let count: Int?
    private let state = Mutex(State())
    private let end = AsyncStream.makeStream(of: Void.self)

    init(arguments: [FeedArgument], format: Watch.Format, count: Int?) {
        self.arguments = arguments
        self.format = format
        self.count = count
    }

    var hasSucceeded: Bool { state.withLock { $0.failedCount == 0 } }

    /// Returns when the events asked for have come, or nothing is left to wait for.
    func waitForEnd() async {
        for await _ in end.stream { return }
    }

    func subscribe(on client: HyperliquidClient) async {
        if format == .raw { await client.onMessage { [self] bytes in printRaw(bytes) } }
        await withTaskGroup { group in
            for index in arguments.indices {
                group.addTask { [self] in
                    switch arguments[index].kind {
                    case .catalogue(let feed): await subscribe(to: feed, index, on: client)
                    case .raw(let feed): await subscribe(to: feed, index, on: client)
                    }
                }
            }
        }
    }

    private func subscribe<F: Feed>(to feed: F, _ index: Int, on client: HyperliquidClient) async
    where F.Event: JSONWritable {
        do throws(HyperliquidError) {
            let id = try await client.subscribe(
                to: feed,
                onEvent: { [self] id, event in received(event, id, index) },
                onEnd: { [self] id, error in ended(error, id, index) })
            state.withLock { $0.ids[id] = index }
        } catch {
            // `onEnd` has said why, unless nothing was registered.
            if error.code == .invalidFeed { ended(error, nil, index) }
        }
    }

    // MARK: Events

    private func received<Event: JSONWritable>(_ event: FeedEvent<Event>, _ id: SubscriptionID, _ index: Int) {
        let mayPrint = state.withLock { state in
            guard !state.isOver else { return false }
            if event.data != nil { state.dataCount += 1 }
            if let count, state.dataCount >= count { state.isOver = true }
            return true
        }
        guard mayPrint else { return }
        switch format {
        case .json: Output.bytes(EventLine.json(event, id, arguments[index]))
        case .pretty: Output.line(EventLine.pretty(event, arguments[index]))
        case .raw: break
        }
        if state.withLock({ $0.isOver }) { end.continuation.yield() }
    }

    private func ended(_ error: HyperliquidError?, _ id: SubscriptionID?, _ index: Int) {
        guard let error, error.code != .cancelled else { return }
        if format == .json { Output.bytes(EventLine.ended(error, id, arguments[index])) }
        Output.error("\(arguments[index].text): \(error.message)")
        let isLast = state.withLock { state in
            state.failedCount += 1
            state.endedCount += 1
            return state.endedCount == arguments.count
        }
        if isLast { end.continuation.yield() }
    }

    private func printRaw(_ bytes: [UInt8]) {
        guard state.withLock({ !$0.isOver }) else { return }
        Output.bytes(bytes.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 })
    }

    // MARK: Summary

    func summarise(_ client: HyperliquidClient) async {
        state.withLock { $0.isOver = true }
        let subscriptions = await client.subscriptions()
        let metrics = await client.allMetrics()
        let info = await client.connectionInfo()
        switch format {
        case .json: Output.bytes(Summary.json(subscriptions, metrics, info))
        case .pretty: Output.line(Summary.pretty(subscriptions, metrics, info))
        case .raw: break
        }
    }
}
