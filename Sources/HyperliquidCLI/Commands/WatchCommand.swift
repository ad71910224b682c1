internal import ArgumentParser
internal import Hyperliquid
internal import Synchronization
internal import WebSocketTransport

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Subscribe to feeds and print their events.",
        discussion: """
            A feed is written as TYPE:VALUE,NAME=VALUE, for example trades:BTC, l2Book:BTC,nSigFigs=5, \
            candle:BTC,interval=1m or userFills:0x…, or as the exchange's JSON object, for example \
            {"type":"trades","coin":"BTC"}. 'hyperliquid feeds' lists all types, 'hyperliquid coins' all coins.

            A coin that the exchange does not list is refused before anything is sent, because the exchange may close the \
            connection over it. To know that, the exchange is asked first, for 3 s at most, except with --format raw, \
            which prints nothing but what the feeds bring.

            One of --simulator, --network and --url is required. Runs until --count events have arrived, --for seconds \
            have passed, or Ctrl-C, and then prints a summary. Exit status: 0 if everything succeeded, 1 if any feed \
            failed, 64 for an invalid command line.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case pretty, json, raw
    }

    @OptionGroup var networkOptions: NetworkOptions

    @Option(help: "The output: rows for people, JSON objects for programs, or the messages as received.")
    var format = Format.pretty

    @Flag(help: "Show a table that is updated in place. Prints rows if standard output is not a terminal.")
    var table = false

    @Option(help: ArgumentHelp("Stop after this many events with data, counted over all feeds.", valueName: "number"))
    var count: Int?

    @Option(name: .customLong("for"), help: ArgumentHelp("Stop after this many seconds.", valueName: "seconds"))
    var seconds: Double?

    @Option(help: PlacementPolicyArgument.help)
    var policy = PlacementPolicyArgument.packed

    @Flag(help: "Subscribe at once, and do not ask the exchange which coins it lists.")
    var uncheckedCoins = false

    @Argument(help: "The feeds to watch, for example trades:BTC.", completion: FeedArgument.completion)
    var feeds: [String]

    func validate() throws {
        guard !feeds.isEmpty else { throw ValidationError("Name a feed, for example trades:BTC.") }
        guard count ?? 1 > 0 else { throw ValidationError("--count takes a number of at least 1.") }
        guard seconds ?? 1 > 0, seconds ?? 1 < 1e9 else {
            throw ValidationError("--for takes a number of seconds above 0.")
        }
        guard !table || format == .pretty else { throw ValidationError("--table requires --format pretty.") }
        _ = try FeedArgument.parse(feeds)
    }

    func run() async throws {
        let arguments = try FeedArgument.parse(feeds)
        let signals = await Signals()
        let showsTable = table && Output.isTerminal
        let watcher = Watcher(arguments: arguments, format: format, showsTable: showsTable, count: count)
        let succeeded: Bool
        do {
            succeeded = try await networkOptions.withNetwork { network in
                try await watch(on: network, watcher, signals, showsTable: showsTable)
            }
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
        if case .failed(let code)? = Output.failure {
            Output.error("cannot write to standard output: \(unsafe String(cString: strerror(code)))")
            throw ExitCode.failure
        }
        if !succeeded { throw ExitCode.failure }
    }

    private func watch(
        on network: HyperliquidNetwork, _ watcher: Watcher, _ signals: Signals, showsTable: Bool
    ) async throws -> Bool {
        var configuration = ClientConfiguration()
        configuration.policy = policy.connectionPolicy
        configuration.coinCheck = uncheckedCoins || format == .raw ? .none : .learned
        return try await withHyperliquidClient(network: network, configuration: configuration) { client in
            try await watcher.printRawMessages(of: client)
            await withTaskGroup { group in
                group.addTask { await watcher.subscribe(on: client) }
                if showsTable { group.addTask { await watcher.drawTable(of: client) } }
                await firstOf(
                    { await signals.wait() }, { await watcher.waitForEnd() },
                    { [seconds] in
                        do {
                            try await Task.sleep(for: .seconds(seconds ?? 1e9))
                            await watcher.failUnacknowledgedFeeds(client)
                        } catch {
                            // The sleep was cancelled, because the watch has ended for another reason.
                        }
                    })
                // Before the feeds that are not acknowledged yet are given up.
                await watcher.prepareSummary(client)
                group.cancelAll()
            }
            watcher.printSummary()
            return watcher.hasSucceeded
        }
    }
}

/// Runs all actions until the first one returns, and cancels the others.
private func firstOf(_ actions: (@Sendable () async -> Void)...) async {
    await withTaskGroup { group in
        for action in actions { group.addTask { await action() } }
        await group.next()
        group.cancelAll()
    }
}

/// Subscribes to the feeds of the command line, and prints their events and a summary.
private final class Watcher: Sendable {
    private struct State {
        var dataCount = 0
        /// The state of each feed of the command line.
        var feeds: [FeedState]
        var isOver = false
        /// What is printed at the end.
        var summary: [UInt8]?
        var hasSucceeded: Bool { feeds.allSatisfy { $0.failure == nil } }
    }

    private struct FeedState {
        var id: SubscriptionID?
        var failure: String?
        /// Makes the first row of the newest event, when the table is drawn.
        var last: (@Sendable () -> String)?
    }

    private let arguments: [FeedArgument]
    private let format: WatchCommand.Format
    private let showsTable: Bool
    private let count: Int?
    /// The width of the column of feeds, in characters.
    private let width: Int
    private let state: Mutex<State>
    private let end = AsyncStream.makeStream(of: Void.self)

    init(arguments: [FeedArgument], format: WatchCommand.Format, showsTable: Bool, count: Int?) {
        self.arguments = arguments
        self.format = format
        self.showsTable = showsTable
        self.count = count
        width = arguments.map(\.shortText.count).max() ?? 0
        state = Mutex(State(feeds: Array(repeating: FeedState(), count: arguments.count)))
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
                to: .feed(feed),
                onEvent: { [self] id, event in received(event, id, index) },
                onEnd: { [self] id, error in ended(error, id, index) })
            state.withLock { $0.feeds[index].id = id }
        } catch {
            // `onEnd` has reported other errors; it is not called if nothing was registered.
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
        if isLast || Output.failure != nil { end.continuation.yield() }
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
        if format == .json {
            Output.bytes(
                EventLine.ended(
                    code: code, message: message, id, arguments[index], receivedNanoseconds: SystemClock.wallNanoseconds
                ))
        }
        if !showsTable { Output.error("\(arguments[index].text): \(message)") }
        if haveAllFailed { end.continuation.yield() }
    }

    /// Fails the feeds that are not acknowledged yet, because the time of `--for` is over.
    func failUnacknowledgedFeeds(_ client: HyperliquidClient) async {
        let infos = await client.subscriptions()
        // A feed whose coin is still being checked has no subscription.
        let lastFailure = await client.connectionInfo().lastFailures.first
        for index in arguments.indices where state.withLock({ $0.feeds[index].id == nil }) {
            let info = infos.first { $0.request == arguments[index].feed.request }
            var reason = "."
            if let failure = info == nil ? lastFailure : info?.lastFailure {
                reason = ". The last connection failed: \(failure.message)."
            } else if case .waiting(let why, _)? = info?.state {
                reason = ", which is waiting for \(why)."
            }
            fail(
                index, info?.id, code: "timedOut",
                "The time of --for is over and the exchange has not acknowledged the feed\(reason)")
        }
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
        if Output.failure != nil { end.continuation.yield() }
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
            case .pretty: Array(WatchSummary.pretty(subscriptions, metrics, info).utf8)
            case .raw: nil
            }
        state.withLock { $0.summary = summary }
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
