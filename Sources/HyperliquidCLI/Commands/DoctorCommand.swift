internal import ArgumentParser
internal import Hyperliquid
internal import NIOCore
internal import NIOPosix
internal import WebSocketTransport

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check a network from end to end: connections, pings, every feed, and limits.",
        discussion: """
            One of --simulator, --network and --url is required. Prints one line per check; the line of a failed check \
            says what to do. Exit status: 0 if all checks passed, 1 \
            if one failed, 64 for an invalid command line.
            """)

    @OptionGroup var networkOptions: NetworkOptions

    @Flag(help: "Print all checks as one JSON array.")
    var json = false

    func validate() throws { try networkOptions.require() }

    func run() async throws {
        let checks: [DoctorCheck]
        do {
            checks = try await networkOptions.withNetwork { network in try await check(network) }
        } catch {
            Output.error("\(error)")
            throw ExitCode.failure
        }
        if json { Output.bytes(DoctorCheck.json(checks)) }
        guard checks.allSatisfy(\.isPassed) else { throw ExitCode.failure }
    }

    private func check(_ network: HyperliquidNetwork) async throws -> [DoctorCheck] {
        var checks = await DoctorChecks.connection(to: network.api, name: "api", wantsVenuePing: true)
        print(checks)
        let explorer = await DoctorChecks.connection(to: network.explorer, name: "explorer", wantsVenuePing: false)
        print(explorer)
        checks += explorer
        // Without a connection every feed would fail for the same reason.
        guard checks.contains(where: { $0.name == "api upgrade" && $0.isPassed }) else { return checks }
        let rest = try await withHyperliquidClient(network: network) { client in
            let listings = await DoctorChecks.listings(of: client)
            let feeds = await DoctorChecks.feeds(on: client)
            return await [listings] + feeds + DoctorChecks.limits(of: client)
        }
        print(rest)
        return checks + rest
    }

    private func print(_ checks: [DoctorCheck]) {
        guard !json else { return }
        for check in checks { Output.line(check.line) }
    }
}

/// The result of one check.
private struct DoctorCheck: Sendable {
    /// For example `api dial` or `feed trades`.
    let name: String
    let isPassed: Bool
    /// What was observed; for a failed check, also what to do.
    let detail: String
    /// How long the check took, if that is of interest.
    var time: Duration?

    static func passed(_ name: String, _ detail: String, _ time: Duration? = nil) -> DoctorCheck {
        DoctorCheck(name: name, isPassed: true, detail: detail, time: time)
    }

    static func failed(_ name: String, _ detail: String) -> DoctorCheck {
        DoctorCheck(name: name, isPassed: false, detail: detail)
    }

    private var milliseconds: Double? { time.map { ($0 / .microseconds(100)).rounded() / 10 } }

    var line: String {
        let suffix = milliseconds.map { " (\($0) ms)" } ?? ""
        return "\(isPassed ? "ok    " : "FAILED") \(Columns.left(name, 34)) \(detail)\(suffix)"
    }

    static func json(_ checks: [DoctorCheck]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for check in checks {
            writer.beginObject()
            writer.field("check", check.name)
            writer.field("ok", check.isPassed)
            writer.field("detail", check.detail)
            if let milliseconds = check.milliseconds {
                writer.key("ms")
                writer.value(milliseconds)
            }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}

/// The checks that the command makes.
private enum DoctorChecks {
    // MARK: Connections

    /// Checks the address, dial, TLS, upgrade and pings of one socket.
    static func connection(to url: String, name: String, wantsVenuePing: Bool) async -> [DoctorCheck] {
        let endpoint: Endpoint
        do throws(TransportError) {
            endpoint = try Endpoint(url)
        } catch {
            return [.failed("\(name) address", error.message)]
        }
        let result = await ConnectionProbe.run(endpoint, wantsVenuePing: wantsVenuePing)
        if let failure = result.failure { return stages(of: endpoint, name, until: failure) }
        var checks = stages(of: endpoint, name, until: nil)
        checks[checks.count - 1].time = result.dialTime
        checks.append(ping("\(name) ping", "a ping frame", result.pingTime, result.close))
        if wantsVenuePing {
            checks.append(ping("\(name) ping message", #"{"method":"ping"}"#, result.venuePingTime, result.close))
        }
        return checks
    }

    /// The stages of a dial, up to and including the one that failed.
    private static func stages(of endpoint: Endpoint, _ name: String, until failure: TransportError?) -> [DoctorCheck] {
        var stages = [("address", endpoint.host), ("dial", "port \(endpoint.port) answers")]
        if endpoint.isSecure { stages.append(("TLS", "the certificate is trusted and is for this host")) }
        stages.append(("upgrade", "\(endpoint)"))
        guard let failure else { return stages.map { .passed("\(name) \($0.0)", $0.1) } }
        let failed =
            switch failure.code {
            case .invalidURL, .nameNotResolved: "address"
            case .tlsFailed, .certificateUnreadable, .certificateExpired, .certificateNotYetValid,
                .certificateUntrusted, .hostnameMismatch, .tlsTimeout:
                "TLS"
            case .upgradeRefused, .upgradeInvalid, .upgradeTimeout: "upgrade"
            case .connectionRefused, .unreachable, .connectTimeout, .timeout, .cancelled, .listenFailed: "dial"
            }
        let passed = stages.prefix { $0.0 != failed }.map { DoctorCheck.passed("\(name) \($0.0)", $0.1) }
        return passed + [.failed("\(name) \(failed)", failure.message)]
    }

    private static func ping(
        _ name: String, _ what: String, _ time: Duration?, _ close: TransportClose?
    ) -> DoctorCheck {
        if let time { return .passed(name, "\(what) is answered", time) }
        let why = close.map { "the connection ended first: \($0)" } ?? "no answer within 5 s"
        return .failed(name, "\(what): \(why); check for a proxy or firewall that holds back messages")
    }

    // MARK: Listings and feeds

    /// Asks what the venue lists.
    static func listings(of client: HyperliquidClient) async -> DoctorCheck {
        let start = ContinuousClock.now
        do throws(HyperliquidError) {
            let coins = try await client.universe().markets(.all)
            return .passed("listings", "\(coins.count) coins can be subscribed to", start.duration(to: .now))
        } catch {
            return .failed(
                "listings",
                "\(error.message) Coins are not checked before they are asked for, and patterns such as bbo:* do not work"
            )
        }
    }

    /// Subscribes to every feed of the catalogue, with the feed's example parameters.
    static func feeds(on client: HyperliquidClient) async -> [DoctorCheck] {
        await withTaskGroup { group in
            for (index, type) in FeedCatalogue.feeds.enumerated() {
                let feed = type.descriptor.example
                group.addTask { (index, await check(feed, on: client)) }
            }
            var checks: [(Int, DoctorCheck)] = []
            for await check in group { checks.append(check) }
            return checks.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// How long to wait for a feed's first event. Many feeds rightly have none.
    private static let firstEventTimeout = Duration.seconds(3)

    private static func check<F: Feed>(_ feed: F, on client: HyperliquidClient) async -> DoctorCheck {
        let name = "feed \(feed.request.type)"
        let (events, continuation) = AsyncStream.makeStream(of: DecodingFault?.self)
        let start = ContinuousClock.now
        do throws(HyperliquidError) {
            try await client.subscribe(
                to: .feed(feed),
                onEvent: { event in
                    switch event {
                    case .snapshot, .update: continuation.yield(nil)
                    case .undecodable(let fault): continuation.yield(fault)
                    case .gap: break
                    }
                })
        } catch {
            return .failed(name, error.message)
        }
        let time = start.duration(to: .now)
        switch await first(of: events) {
        case .some(.some(let fault)): return .failed(name, "a message could not be read (\(fault)); please report it")
        case .some(.none): return .passed(name, "acknowledged, and sends data", time)
        case .none: return .passed(name, "acknowledged; no event within 3 s, which is normal for a quiet feed", time)
        }
    }

    /// The first event, as its decoding fault if it has one; `nil` if none arrives in time.
    private static func first(of events: AsyncStream<DecodingFault?>) async -> DecodingFault?? {
        await withTaskGroup(of: DecodingFault??.self) { group in
            group.addTask {
                for await fault in events { return .some(fault) }
                return .none
            }
            group.addTask {
                // The sleep throws if it is cancelled because an event has arrived.
                try? await Task.sleep(for: firstEventTimeout)
                return .none
            }
            let first = await group.next() ?? .none
            group.cancelAll()
            return first
        }
    }

    // MARK: Limits

    /// Checks that the exchange has refused nothing because of a limit while the feeds were asked for. Only its answers
    /// tell: it counts all clients of the IP address, and this one knows only of itself.
    static func limits(of client: HyperliquidClient) async -> [DoctorCheck] {
        let info = await client.connectionInfo()
        var checks = info.limits.compactMap { limit -> DoctorCheck? in
            guard let evidence = limit.evidence else { return nil }
            let name = "limit \(limit.name)"
            guard let refusal = evidence.refusal else {
                return .passed(name, "\(limit.used) used here, and nothing was refused")
            }
            let stated = refusal.statedCount.map { " and states a limit of \($0)" } ?? ""
            return .failed(
                name, "the exchange refused more than \(refusal.acceptedCount)\(stated). \(limitAdvice)")
        }
        // A refusal of messages teaches no number, and is only told.
        let complaints = info.connections.flatMap(\.lastErrors).filter { $0.hasPrefix("Cannot send more than") }
        checks.append(
            complaints.last.map { .failed("limit messagesPerMinute", "the exchange says: \($0) \(limitAdvice)") }
                ?? .passed("limit messagesPerMinute", "no message was refused"))
        return checks
    }

    private static let limitAdvice = "Stop other clients of this IP address, or watch fewer feeds"
}

/// Dials one connection, pings the exchange on it, and closes it. Bound to its event loop.
private final class ConnectionProbe: TransportDelegate {
    /// The outcome.
    struct Result: Sendable {
        /// The reason if there is no connection.
        var failure: TransportError?
        /// How long the dial took.
        var dialTime: Duration?
        /// How long the pong took; `nil` if none arrived.
        var pingTime: Duration?
        /// How long the answer to the exchange's own ping message took; `nil` if none arrived.
        var venuePingTime: Duration?
        /// How the connection ended, if it ended before the answers.
        var close: TransportClose?
    }

    private let loop: any EventLoop
    private let results: AsyncStream<Result>.Continuation
    private let wantsVenuePing: Bool
    private var result = Result()
    private let startedAt = ContinuousClock.now
    private var askedAt = ContinuousClock.now

    /// How long to wait for the answers.
    private static let timeout = TimeAmount.seconds(5)

    private init(loop: any EventLoop, results: AsyncStream<Result>.Continuation, wantsVenuePing: Bool) {
        self.loop = loop
        self.results = results
        self.wantsVenuePing = wantsVenuePing
    }

    /// Dials, pings and closes. `wantsVenuePing` also sends the exchange's own ping message.
    static func run(_ endpoint: Endpoint, wantsVenuePing: Bool) async -> Result {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (stream, continuation) = AsyncStream.makeStream(of: Result.self)
        loop.execute {
            let probe = ConnectionProbe(loop: loop, results: continuation, wantsVenuePing: wantsVenuePing)
            var settings = DialSettings()
            settings.headers = ClientIdentity.headers()
            var randomness = SystemRandomness()
            _ = Dialer.dial(endpoint, settings: settings, on: loop, delegate: probe, randomness: &randomness)
        }
        for await result in stream { return result }
        return Result()
    }

    func transportOpened(_ connection: TransportConnection) {
        askedAt = .now
        result.dialTime = startedAt.duration(to: askedAt)
        connection.sendPing()
        if wantsVenuePing { connection.send(text: Array(#"{"method":"ping"}"#.utf8)) }
        loop.assumeIsolated().scheduleTask(in: Self.timeout) {
            // Does nothing if the connection is closed already.
            connection.close(code: .normal, reason: "")
        }
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        // Other messages, such as a greeting, are no answer.
        var reader = MessageReader(copy text)
        guard wantsVenuePing, result.venuePingTime == nil, reader._readEnvelope().kind == .pong else { return }
        result.venuePingTime = askedAt.duration(to: .now)
        finishIfAnswered(connection)
    }

    func transportPonged(_ connection: TransportConnection) {
        result.pingTime = result.pingTime ?? askedAt.duration(to: .now)
        finishIfAnswered(connection)
    }

    private func finishIfAnswered(_ connection: TransportConnection) {
        guard result.pingTime != nil, result.venuePingTime != nil || !wantsVenuePing else { return }
        connection.close(code: .normal, reason: "")
    }

    func transportClosed(_ reason: TransportClose) {
        switch reason {
        case .failed(let error): result.failure = error
        case .byUs: break
        case .byPeer, .lost, .violation, .messageTooLarge: result.close = reason
        }
        results.yield(result)
        results.finish()
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {}
    func transportReadCompleted(_ connection: TransportConnection) {}
    func transportWritabilityChanged(_ connection: TransportConnection) {}
}
