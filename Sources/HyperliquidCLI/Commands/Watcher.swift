internal import Hyperliquid
internal import HyperliquidEngine
internal import Synchronization
internal import WebSocketTransport

/// Subscribes to the feeds of the command line, and prints their events and a summary.
final class Watcher: Sendable {
    private struct State {
        var dataCount = 0
        /// The width of the column of feeds, in characters.
        var width: Int
        /// The state of each feed of the command line.
        var feeds: [FeedState]
        var isOver = false
        /// What is printed at the end, and the table as it was then.
        var summary: [UInt8]?
        var lastRows: [LiveTable.Row]?
        /// Whether the feed of a coin that has a pattern has failed.
        var hasFailedMember = false
        var hasSucceeded: Bool { !hasFailedMember && feeds.allSatisfy { $0.failure == nil } }
    }

    private struct FeedState {
        var id: SubscriptionID?
        var failure: String?
        /// The feeds of single coins, if the feed has a pattern; empty until the exchange has said what it lists.
        var members: [FeedRequest: FeedArgument] = [:]
        /// Makes the first row of the newest event, when the table is drawn.
        var last: (@Sendable () -> String)?
    }

    private let arguments: [FeedArgument]
    private let format: WatchCommand.Format
    private let showsTable: Bool
    private let count: Int?
    private let checksCoins: Bool
    private let cacheName: String
    private let state: Mutex<State>
    private let end = AsyncStream.makeStream(of: Void.self)

    /// - Parameters:
    ///   - checksCoins: Whether the client asks what the exchange lists.
    ///   - cacheName: The network's name in the cache of coins.
    init(
        arguments: [FeedArgument], format: WatchCommand.Format, showsTable: Bool, count: Int?, checksCoins: Bool,
        cacheName: String
    ) {
        self.arguments = arguments
        self.cacheName = cacheName
        self.checksCoins = checksCoins
        self.format = format
        self.showsTable = showsTable
        self.count = count
        state = Mutex(
            State(
                width: arguments.map(\.shortText.count).max() ?? 0,
                feeds: Array(repeating: FeedState(), count: arguments.count)))
    }

    var hasSucceeded: Bool { state.withLock { $0.hasSucceeded } }

    /// Returns once the requested events have arrived, all feeds have failed, or standard output cannot be written.
    func waitForEnd() async {
        for await _ in end.stream { return }
    }

    /// Prints every message as it comes, if the format asks for it.
    func printRawMessages(of client: HyperliquidClient) async throws(HyperliquidError) {
        if format == .raw { try await client.onRawMessage { [self] bytes in printRaw(bytes) } }
    }

    /// Subscribes to everything. Returns when all feeds of single coins are acknowledged and those of patterns have ended.
    func subscribe(on client: HyperliquidClient) async {
        await withTaskGroup { group in
            // The check of a coin waits for the same answer.
            group.addTask { [self] in await learnNames(of: client, within: .seconds(3)) }
            for (index, argument) in arguments.enumerated() {
                group.addTask { [self] in
                    if let feed = argument.feed, feed.request.coin == nil {
                        await learnNames(of: client, within: .seconds(1))
                    }
                    switch argument.kind {
                    case .catalogue(let feed): await subscribe(to: feed, index, on: client)
                    case .raw(let feed): await subscribe(to: feed, index, on: client)
                    case .each(let pattern): await subscribe(toEach: pattern, index, on: client)
                    }
                }
            }
        }
    }

    /// Learns the readable names of spot pairs, if people read the output and the client asks what the exchange lists
    /// anyway. Without an answer in time, coins are shown as the exchange spells them.
    private func learnNames(of client: HyperliquidClient, within timeout: Duration) async {
        guard checksCoins, format == .pretty else { return }
        if let universe = try? await client.universe(timeout: timeout) {
            KnownCoins.learn(universe, of: cacheName)
        }
    }

    private func subscribe<F: Feed>(to feed: F, _ index: Int, on client: HyperliquidClient) async
    where F.Event: JSONWritable {
        let argument = arguments[index]
        do throws(HyperliquidError) {
            let id = try await client.subscribe(
                to: .feed(feed),
                onEvent: { [self] id, event in received(event, id, index, argument) },
                onEnd: { [self] id, error in ended(error, id, index) })
            state.withLock { $0.feeds[index].id = id }
        } catch {
            // `onEnd` has reported other errors; it is not called if nothing was registered.
            if error.code == .invalidFeed { ended(error, nil, index) }
        }
    }

    // MARK: Patterns

    private func subscribe(toEach pattern: CoinPattern, _ index: Int, on client: HyperliquidClient) async {
        let universe: Universe
        do throws(HyperliquidError) {
            universe = try await client.universe(maximumAge: .seconds(60))
        } catch {
            let message = "it is not known which coins the exchange lists: \(error.message)"
            return fail(index, nil, code: error.code.description, message)
        }
        KnownCoins.learn(universe, of: cacheName)
        let first: FeedArgument
        do throws(FeedParameterError) {
            first = try arguments[index].expanded(in: universe)[0]
        } catch {
            return fail(index, nil, code: "invalidFeed", "\(error)")
        }
        do throws(HyperliquidError) {
            switch first.kind {
            case .catalogue(let feed): try await read(feed, pattern, index, on: client)
            case .raw(let feed): try await read(feed, pattern, index, on: client)
            case .each: break
            }
        } catch {
            ended(error, nil, index)
        }
    }

    /// Reads a feed of all coins that have a pattern, until the task is cancelled.
    /// - Parameter sample: The feed of one of the coins.
    private func read<F: Feed>(
        _ sample: F, _ pattern: CoinPattern, _ index: Int, on client: HyperliquidClient
    ) async throws(HyperliquidError) where F.Event: JSONWritable {
        // A pattern that is valid with one coin is valid with every other one, and makes feeds of the same type.
        let makeFeed = { @Sendable [self] (coin: Coin) -> FeedChoice<F> in
            .feed(makeMember(coin, pattern, index) ?? sample)
        }
        let plan = try await client.plan(toEach: pattern.filter, of: makeFeed)
        if format != .raw { Output.error("\(arguments[index].text): \(plan)") }
        // Every event is printed, as those of single feeds are; if printing is too slow for that, a gap says so.
        let group = try await client.subscribe(
            toEach: pattern.filter, of: makeFeed, delivery: .droppingOldest(limit: 10_000))
        for await batch in group {
            let argument = state.withLock { state in
                state.feeds[index].id = state.feeds[index].id ?? batch.id
                return state.feeds[index].members[batch.feed.request]
            }
            guard let argument else { continue }
            for event in batch.events { received(event, batch.id, index, argument) }
            if let failure = batch.failure { memberEnded(failure, batch.id, index, argument) }
        }
    }

    /// Makes the feed of one coin, and notes its argument.
    private func makeMember<F: Feed>(_ coin: Coin, _ pattern: CoinPattern, _ index: Int) -> F? {
        let name = KnownCoins.name(of: coin)
        guard let argument = try? pattern.argument(for: coin, named: name, in: arguments[index].text),
            let feed = argument.feed as? F
        else { return nil }
        state.withLock { state in
            state.feeds[index].members[feed.request] = argument
            state.width = max(state.width, argument.shortText.count)
        }
        return feed
    }

    /// Reports the end of one coin's feed. A coin that was delisted is no failure of what was asked for.
    private func memberEnded(_ error: HyperliquidError, _ id: SubscriptionID, _ index: Int, _ argument: FeedArgument) {
        let isOver = state.withLock { state in
            if error.code != .delisted, !state.isOver { state.hasFailedMember = true }
            return state.isOver
        }
        if !isOver { showEnd(id, argument, code: error.code.description, error.message) }
    }

    // MARK: Events

    private func received<Event: JSONWritable>(
        _ event: FeedEvent<Event>, _ id: SubscriptionID, _ index: Int, _ argument: FeedArgument
    ) {
        let now = SystemClock.wallNanoseconds
        let (mayPrint, isLast, width) = state.withLock { state in
            guard !state.isOver else { return (false, false, 0) }
            if event.data != nil { state.dataCount += 1 }
            if showsTable { state.feeds[index].last = { EventLine.short(event) } }
            if let count, state.dataCount >= count { state.isOver = true }
            return (true, state.isOver, state.width)
        }
        guard mayPrint else { return }
        if !showsTable {
            switch format {
            case .json: Output.bytes(EventLine.json(event, id, argument, receivedNanoseconds: now))
            case .pretty: Output.line(EventLine.pretty(event, argument, width: width, receivedNanoseconds: now))
            case .raw: break
            }
        }
        if isLast || Output.failure != nil { end.continuation.yield() }
    }

    private func printRaw(_ bytes: [UInt8]) {
        guard state.withLock({ !$0.isOver }) else { return }
        // One line per message: an end of line inside a message, which JSON allows between tokens, becomes a space.
        Output.bytes(bytes.map { $0 == 0x0a || $0 == 0x0d ? 0x20 : $0 })
        if Output.failure != nil { end.continuation.yield() }
    }

    // MARK: Failures

    private func ended(_ error: HyperliquidError?, _ id: SubscriptionID?, _ index: Int) {
        guard let error, error.code != .cancelled else { return }
        fail(index, id, code: error.code.description, error.message)
    }

    private func fail(_ index: Int, _ id: SubscriptionID?, code: String, _ message: String) {
        let (isNew, haveAllFailed) = state.withLock { state in
            guard !state.isOver, state.feeds[index].failure == nil else { return (false, false) }
            state.feeds[index].failure = message
            return (true, state.feeds.allSatisfy { $0.failure != nil })
        }
        guard isNew else { return }
        showEnd(id, arguments[index], code: code, message)
        if haveAllFailed { end.continuation.yield() }
    }

    private func showEnd(_ id: SubscriptionID?, _ argument: FeedArgument, code: String, _ message: String) {
        if format == .json {
            let now = SystemClock.wallNanoseconds
            Output.bytes(EventLine.ended(code: code, message: message, id, argument, receivedNanoseconds: now))
        }
        if !showsTable { Output.error("\(argument.text): \(message)") }
    }

    /// Fails the feeds that are not acknowledged yet, because the time of `--for` is over.
    func failUnacknowledgedFeeds(_ client: HyperliquidClient) async {
        let infos = await client.subscriptions()
        // A feed whose coin is still being checked has no subscription.
        let lastFailure = await client.connectionInfo().lastFailures.first
        let feeds = state.withLock { $0.feeds }
        for (index, feed) in feeds.enumerated() {
            guard feed.members.isEmpty else {
                failUnacknowledgedMembers(of: feed, index, infos)
                continue
            }
            guard feed.id == nil else { continue }
            let info = infos.first { $0.request == arguments[index].feed?.request }
            fail(
                index, info?.id, code: "timedOut",
                "The time of --for is over and the exchange has not acknowledged the feed"
                    + Self.reason(info, lastFailure))
        }
    }

    private func failUnacknowledgedMembers(of feed: FeedState, _ index: Int, _ infos: [SubscriptionInfo]) {
        let members = infos.filter { feed.members[$0.request] != nil }
        let waiting = members.filter { if case .waiting = $0.state { true } else { false } }
        guard let first = waiting.first else { return }
        fail(
            index, first.id, code: "timedOut",
            "The time of --for is over and the exchange has not acknowledged \(waiting.count) of \(members.count) feeds; "
                + "that of \(KnownCoins.name(of: Coin(first.request.coin ?? ""))) is the first\(Self.reason(first, nil))"
        )
    }

    private static func reason(_ info: SubscriptionInfo?, _ lastFailure: ConnectionFailure?) -> String {
        if let failure = info == nil ? lastFailure : info?.lastFailure {
            return ". The last connection failed: \(failure.message)."
        }
        if case .waiting(let why, _)? = info?.state { return ", which is waiting for \(why)." }
        return "."
    }

    // MARK: Table and summary

    /// Draws the table until cancelled.
    func drawTable(of client: HyperliquidClient) async {
        var table = LiveTable()
        while !Task.isCancelled {
            await draw(&table, client)
            // The sleep throws if it is cancelled, and then the loop ends.
            try? await Task.sleep(for: .milliseconds(250))
        }
        // As it was before the feeds were given up.
        if let rows = state.withLock({ $0.lastRows }) { draw(rows, in: &table) }
    }

    private func draw(_ table: inout LiveTable, _ client: HyperliquidClient) async {
        draw(tableRows(await client.subscriptions(), await client.allMetrics()), in: &table)
    }

    private func draw(_ rows: [LiveTable.Row], in table: inout LiveTable) {
        let text = table.draw(rows, width: Output.terminalWidth, atNanoseconds: SystemClock.wallNanoseconds)
        Output.raw(Array(text.utf8))
        if Output.failure != nil { end.continuation.yield() }
    }

    private func tableRows(_ infos: [SubscriptionInfo], _ metrics: [SubscriptionMetrics]) -> [LiveTable.Row] {
        let feeds = state.withLock { $0.feeds }
        return arguments.indices.map { index in
            let feed = feeds[index]
            let isShown = { (id: SubscriptionID, request: FeedRequest) in
                feed.members.isEmpty ? id == feed.id : feed.members[request] != nil
            }
            let metrics = metrics.filter { isShown($0.id, $0.request) }
            let infos = infos.filter { isShown($0.id, $0.request) }
            let liveCount = infos.count { $0.state == .live }
            let isLive = liveCount == infos.count && !infos.isEmpty
            let state = feed.failure != nil ? "failed" : isLive ? "live" : "waiting"
            return LiveTable.Row(
                feed: arguments[index].shortText,
                state: feed.members.isEmpty ? state : "\(liveCount) of \(infos.count) live",
                messageCount: metrics.reduce(0) { $0 + $1.messageCount },
                gapCount: metrics.reduce(0) { $0 + $1.gapCount }, last: feed.failure ?? feed.last?() ?? "")
        }
    }

    /// Notes the state of everything for the summary, and prints no more events.
    func prepareSummary(_ client: HyperliquidClient) async {
        state.withLock { $0.isOver = true }
        let subscriptions = await client.subscriptions()
        let metrics = await client.allMetrics()
        let info = await client.connectionInfo()
        let summary: [UInt8]? =
            switch format {
            case .json: WatchSummary.json(subscriptions, metrics, info)
            case .pretty: Array(WatchSummary.pretty(rows(subscriptions, metrics), info).utf8)
            case .raw: nil
            }
        let lastRows = showsTable ? tableRows(subscriptions, metrics) : nil
        state.withLock { ($0.summary, $0.lastRows) = (summary, lastRows) }
    }

    /// A row for each subscription; those of a pattern share one.
    private func rows(
        _ subscriptions: [SubscriptionInfo], _ metrics: [SubscriptionMetrics]
    ) -> [WatchSummary.Row] {
        let feeds = state.withLock { $0.feeds }
        var rest = Array(zip(subscriptions, metrics))
        var rows: [WatchSummary.Row] = []
        for (argument, feed) in zip(arguments, feeds) where !feed.members.isEmpty {
            rows.append(WatchSummary.Row(argument.text, rest.filter { feed.members[$0.0.request] != nil }))
            rest.removeAll { feed.members[$0.0.request] != nil }
        }
        return rest.map { WatchSummary.Row(KnownCoins.spellOut($0.0.request.words), [$0]) } + rows
    }

    func printSummary() {
        let state = state.withLock { $0 }
        if showsTable {
            for (argument, feed) in zip(arguments, state.feeds) {
                if let failure = feed.failure { Output.error("\(argument.text): \(failure)") }
            }
        }
        if let summary = state.summary { Output.bytes(summary) }
    }
}
