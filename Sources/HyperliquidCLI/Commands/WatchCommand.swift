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

            A coin with * stands for every coin that has the pattern, also those that are listed later: bbo:*, trades:xyz:*, \
            l2Book:@*,nSigFigs=5. How many there are and which have no place is printed first.

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

    @Argument(help: "The feeds to watch, for example trades:BTC.", completion: FeedCompletion.kind)
    var feeds: [String]

    private var checksCoins: Bool { !uncheckedCoins && format != .raw }

    func validate() throws {
        try networkOptions.require()
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
        let watcher = Watcher(
            arguments: arguments, format: format, showsTable: showsTable, count: count, checksCoins: checksCoins,
            cacheName: networkOptions.cacheName)
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
        configuration.coinCheck = checksCoins ? .learned : .none
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
