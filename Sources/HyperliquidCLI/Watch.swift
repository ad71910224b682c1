internal import ArgumentParser
internal import Hyperliquid
internal import HyperliquidSimulator

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

    enum NetworkName: String, ExpressibleByArgument, CaseIterable {
        case mainnet, testnet
    }

    enum Policy: String, ExpressibleByArgument, CaseIterable {
        case packed, isolated
    }

    @Flag(help: "Watch a simulated exchange that runs inside this program.")
    var simulator = false

    @Option(help: "The simulated exchange's seed.")
    var seed: UInt64 = 1

    @Option(help: "Watch one of the venue's networks.")
    var network: NetworkName?

    @Option(help: "Watch another place, for example ws://127.0.0.1:8080/ws; the explorer is /explorer there.")
    var url: String?

    @Option(help: "pretty for people, json for programs, raw for the messages as they come.")
    var format = Format.pretty

    @Option(help: "End after so many data events, all feeds together.")
    var count: Int?

    @Option(name: .customLong("for"), help: "End after so many seconds.")
    var seconds: Double?

    @Option(help: "How feeds are spread over connections.")
    var policy = Policy.packed

    @Argument(help: "The feeds to watch.")
    var feeds: [String]

    func validate() throws {
        let places = [simulator, network != nil, url != nil].count { $0 }
        guard places <= 1 else { throw ValidationError("Give one of --simulator, --network and --url.") }
        guard places == 1 else {
            throw ValidationError("Say where to watch: --simulator, --network mainnet, or --url ws://HOST:PORT/ws.")
        }
        guard !feeds.isEmpty else { throw ValidationError("Name a feed, for example trades:BTC.") }
        guard count ?? 1 > 0 else { throw ValidationError("--count takes 1 or more.") }
        guard seconds ?? 1 > 0, seconds ?? 1 < 1e9 else {
            throw ValidationError("--for takes a time above 0 in seconds.")
        }
        _ = try FeedArgument.parse(feeds)
        if let url { _ = try Self.explorer(beside: url) }
    }

    func run() async throws {
        let arguments = try FeedArgument.parse(feeds)
        let signals = await Signals()
        var exchange: SimulatedExchange?
        do {
            if simulator {
                var configuration = ExchangeConfiguration()
                configuration.seed = seed
                exchange = try await SimulatedExchange.start(configuration: configuration)
            }
            let watcher = Watcher(arguments: arguments, format: format, count: count)
            let succeeded = try await watch(on: try place(exchange), watcher, signals)
            await exchange?.stop()
            if !succeeded { throw ExitCode.failure }
        } catch let code as ExitCode {
            throw code
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
    }

    private func place(_ exchange: SimulatedExchange?) throws -> Network {
        if let exchange { return .custom(api: exchange.url, explorer: exchange.explorerURL) }
        if let url { return .custom(api: url, explorer: try Self.explorer(beside: url)) }
        return network == .testnet ? .testnet : .mainnet
    }

    /// `/explorer` at the same place.
    private static func explorer(beside url: String) throws -> String {
        let lowered = url.lowercased()
        guard lowered.hasPrefix("ws://") || lowered.hasPrefix("wss://") else {
            throw ValidationError("'\(url)' is no WebSocket address; write for example ws://127.0.0.1:8080/ws.")
        }
        let scheme = lowered.hasPrefix("wss://") ? 6 : 5
        let authority = url.dropFirst(scheme).prefix { $0 != "/" && $0 != "?" }
        return url.prefix(scheme) + authority + "/explorer"
    }

    private func watch(on network: Network, _ watcher: Watcher, _ signals: Signals) async throws -> Bool {
        var configuration = ClientConfiguration()
        configuration.policy = policy == .packed ? .packed : .isolated
        return try await withHyperliquidClient(network: network, configuration: configuration) { client in
            await withTaskGroup { group in
                group.addTask { await watcher.subscribe(on: client) }
                await firstOf(
                    { await signals.wait() }, { await watcher.waitForEnd() },
                    // Cancelled when something else ends the watch first.
                    { [seconds] in try? await Task.sleep(for: .seconds(seconds ?? 1e9)) })
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
