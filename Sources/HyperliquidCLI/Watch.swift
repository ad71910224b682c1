internal import ArgumentParser
internal import Hyperliquid

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Subscribe to feeds and print what comes.",
        discussion: """
            A feed is written trades:BTC, l2Book:BTC,nSigFigs=5, candle:BTC,interval=1m, userFills:0x…, or as the \
            venue's own JSON object. Ends after --count data events, after --for seconds, or on Ctrl-C, and then \
            prints a summary. Exit status: 0 done, 1 when anything asked for failed, 64 for a bad command line.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case pretty, json, raw
    }

    enum Policy: String, ExpressibleByArgument, CaseIterable {
        case packed, isolated
    }

    @OptionGroup var place: NetworkOptions

    @Option(help: "pretty for people, json for programs, raw for the messages as they come.")
    var format = Format.pretty

    @Flag(help: "Show a table that is redrawn in place, on a terminal; lines elsewhere.")
    var table = false

    @Option(help: "End after so many data events, all feeds together.")
    var count: Int?

    @Option(name: .customLong("for"), help: "End after so many seconds.")
    var seconds: Double?

    @Option(help: "How feeds are spread over connections.")
    var policy = Policy.packed

    @Argument(help: "The feeds to watch.")
    var feeds: [String]

    func validate() throws {
        guard !feeds.isEmpty else { throw ValidationError("Name a feed, for example trades:BTC.") }
        guard count ?? 1 > 0 else { throw ValidationError("--count takes 1 or more.") }
        guard seconds ?? 1 > 0, seconds ?? 1 < 1e9 else {
            throw ValidationError("--for takes a time above 0 in seconds.")
        }
        guard !table || format == .pretty else { throw ValidationError("--table goes with --format pretty only.") }
        _ = try FeedArgument.parse(feeds)
    }

    func run() async throws {
        let arguments = try FeedArgument.parse(feeds)
        let signals = await Signals()
        let showsTable = table && Output.isTerminal
        let watcher = Watcher(arguments: arguments, format: format, showsTable: showsTable, count: count)
        let succeeded: Bool
        do {
            succeeded = try await place.withNetwork { network in
                try await watch(on: network, watcher, signals, showsTable: showsTable)
            }
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
        if case .failed(let code)? = Output.fault {
            Output.error("standard output cannot be written: \(unsafe String(cString: strerror(code)))")
            throw ExitCode.failure
        }
        if !succeeded { throw ExitCode.failure }
    }

    private func watch(
        on network: HyperliquidNetwork, _ watcher: Watcher, _ signals: Signals, showsTable: Bool
    ) async throws -> Bool {
        var configuration = ClientConfiguration()
        configuration.policy = policy == .packed ? .packed : .isolated
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
                            await watcher.failWhatNeverCame(client)
                        } catch {
                            // Cancelled: something else ended the watch first.
                        }
                    })
                group.cancelAll()
            }
            await watcher.summarise(client)
            return watcher.hasSucceeded
        }
    }
}

/// Runs all until the first one returns, and cancels the others.
private func firstOf(_ actions: (@Sendable () async -> Void)...) async {
    await withTaskGroup { group in
        for action in actions { group.addTask { await action() } }
        await group.next()
        group.cancelAll()
    }
}
