internal import Hyperliquid
internal import Synchronization
internal import WebSocketTransport

/// Subscribes to what the command line names, prints what comes, and sums up.
final class Watcher: Sendable {
    private struct State {
        var dataCount = 0
        /// One a feed of the command line.
        var feeds: [FeedState]
        var isOver = false
        var hasSucceeded: Bool { feeds.allSatisfy { $0.failure == nil } }
    }

    private struct FeedState {
        var id: SubscriptionID?
        var failure: String?
        /// The first row of its newest event, made when the table is drawn.
        var last: (@Sendable () -> String)?
    }

    private let arguments: [FeedArgument]
    private let format: Watch.Format
    private let showsTable: Bool
    private let count: Int?
    /// How wide the column of feeds is.
    private let width: Int
    private let state: Mutex<State>
    private let end = AsyncStream.makeStream(of: Void.self)

    init(arguments: [FeedArgument], format: Watch.Format, showsTable: Bool, count: Int?) {
        self.arguments = arguments
        self.format = format
        self.showsTable = showsTable
        self.count = count
        width = arguments.map(\.shortText.count).max() ?? 0
        state = Mutex(State(feeds: Array(repeating: FeedState(), count: arguments.count)))
    }

    var hasSucceeded: Bool { state.withLock { $0.hasSucceeded } }

    /// Returns when the events asked for have come, nothing is left to wait for, or nobody reads the output.
    func waitForEnd() async {
        for await _ in end.stream { return }
    }

    /// Prints every message as it comes, if the format asks for it.
    func printRawMessages(of client: HyperliquidClient) async throws(HyperliquidError) {
        if format == .raw { try await client.onRawMessage { [self] bytes in printRaw(bytes) } }
    }

    func subscribe(on client: HyperliquidClient) async {
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
            state.withLock { $0.feeds[index].id = id }
        } catch {
            // `onEnd` has said why, unless nothing was registered.
            if error.code == .invalidFeed { ended(error, nil, index) }
        }
    }

    // MARK: Events

    private func received<Event: JSONWritable>(_ event: FeedEvent<Event>, _ id: SubscriptionID, _ index: Int) {
        let now = SystemClock.wallNanoseconds
        let (mayPrint, isLast) = state.withLock { state in
            guard !state.isOver else { return (false, false) }
            if event.data != nil { state.dataCount += 1 }
            if showsTable { state.feeds[index].last = { EventLine.short(event) } }
            if let count, state.dataCount >= count { state.isOver = true }
            return (true, state.isOver)
        }
        guard mayPrint else { return }
        if !showsTable { show(event, id, index, at: now) }
        if isLast || Output.fault != nil { end.continuation.yield() }
    }

    private func show<Event: JSONWritable>(
        _ event: FeedEvent<Event>, _ id: SubscriptionID, _ index: Int, at now: Int64
    ) {
        switch format {
        case .json: Output.bytes(EventLine.json(event, id, arguments[index], receivedNanoseconds: now))
        case .pretty:
            Output.line(EventLine.pretty(event, arguments[index], width: width, receivedNanoseconds: now))
        case .raw: break
        }
    }

    private func printRaw(_ bytes: [UInt8]) {
        guard state.withLock({ !$0.isOver }) else { return }
        // A line is a message: an end of line inside one, which JSON allows between its words, becomes a space.
        Output.bytes(bytes.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 })
        if Output.fault != nil { end.continuation.yield() }
    }

    // MARK: Failures

    private func ended(_ error: HyperliquidError?, _ id: SubscriptionID?, _ index: Int) {
        guard let error, error.code != .cancelled else { return }
        fail(index, id, code: error.code.description, error.message)
    }

    private func fail(_ index: Int, _ id: SubscriptionID?, code: String, _ message: String) {
        let (isNew, nothingIsLeft) = state.withLock { state in
            guard !state.isOver, state.feeds[index].failure == nil else { return (false, false) }
            state.feeds[index].failure = message
            return (true, state.feeds.allSatisfy { $0.failure != nil })
        }
        guard isNew else { return }
        if format == .json {
            Output.bytes(
                EventLine.ended(
                    code: code, message: message, id, arguments[index], receivedNanoseconds: SystemClock.wallNanoseconds
                ))
        }
        if !showsTable { Output.error("\(arguments[index].text): \(message)") }
        if nothingIsLeft { end.continuation.yield() }
    }

    /// The time is over: what has not become live until now has failed.
    func failWhatNeverCame(_ client: HyperliquidClient) async {
        let infos = await client.subscriptions()
        for index in arguments.indices where state.withLock({ $0.feeds[index].id == nil }) {
            let info = infos.first { $0.request == arguments[index].feed.request }
            var reason = ""
            if case .waiting(let why, _)? = info?.state { reason = "; it waits for \(why)" }
            fail(index, info?.id, code: "timedOut", "The time is over and the venue has not acknowledged it\(reason).")
        }
    }

    // MARK: What is known

    /// Draws the table until cancelled.
    func drawTable(of client: HyperliquidClient) async {
        var table = LiveTable()
        while !Task.isCancelled {
            await draw(&table, client)
            // Ends early when cancelled, which is what is wanted.
            try? await Task.sleep(for: .milliseconds(250))
        }
        await draw(&table, client)
    }

    private func draw(_ table: inout LiveTable, _ client: HyperliquidClient) async {
        let infos = await client.subscriptions()
        let metrics = await client.allMetrics()
        let feeds = state.withLock { $0.feeds }
        let rows = arguments.indices.map { index in
            let metrics = metrics.first { $0.id == feeds[index].id }
            let info = infos.first { $0.id == feeds[index].id }
            let state = feeds[index].failure != nil ? "failed" : info?.state == .live ? "live" : "waiting"
            return LiveTable.Row(
                feed: arguments[index].shortText, state: state, messageCount: metrics?.messageCount ?? 0,
                gapCount: metrics?.gapCount ?? 0, last: feeds[index].failure ?? feeds[index].last?() ?? "")
        }
        let text = table.draw(rows, width: Output.terminalWidth, atNanoseconds: SystemClock.wallNanoseconds)
        Output.raw(Array(text.utf8))
        if Output.fault != nil { end.continuation.yield() }
    }

    func summarise(_ client: HyperliquidClient) async {
        let failures = state.withLock { state in
            state.isOver = true
            return zip(arguments, state.feeds).compactMap { argument, feed in
                feed.failure.map { "\(argument.text): \($0)" }
            }
        }
        if showsTable { for failure in failures { Output.error(failure) } }
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
