public import HyperliquidWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import WebSocketTransport

/// A simulated exchange that is served on this machine: WebSockets at `/ws` and `/explorer`, and `POST /info`.
///
/// It speaks the venue's protocol to clients in any language. It runs on a thread of its own until ``stop()``. For tests
/// that must not depend on the machine, its time can be moved in steps: ``ExchangeConfiguration/isStepped``.
///
/// ```swift
/// let exchange = try await SimulatedExchange.start()
/// let client = try HyperliquidClient(network: .custom(api: exchange.url, explorer: exchange.explorerURL))
/// // …
/// await exchange.stop()
/// ```
public final class SimulatedExchange: Sendable {
    /// The URL of the API socket, for example `ws://127.0.0.1:8080/ws`.
    public let url: String
    /// The URL of the explorer socket, for example `ws://127.0.0.1:8080/explorer`.
    public let explorerURL: String
    /// The port on which the exchange listens.
    public let port: Int
    private let listener: Listener
    private let shell: NIOLoopBound<ExchangeShell>
    private let group: MultiThreadedEventLoopGroup
    private let isStepped: Bool
    /// Once it is stopped, its loop never answers.
    private let isStopped = NIOLockedValueBox(false)

    private init(
        host: String, listener: Listener, shell: NIOLoopBound<ExchangeShell>, group: MultiThreadedEventLoopGroup,
        isStepped: Bool
    ) {
        self.isStepped = isStepped
        port = listener.localPort
        url = "ws://\(host):\(port)/ws"
        explorerURL = "ws://\(host):\(port)/explorer"
        self.listener = listener
        self.shell = shell
        self.group = group
    }

    /// Starts an exchange, and returns once it listens. It is served until ``stop()``.
    ///
    /// - Parameters:
    ///   - host: The address on which to listen. `127.0.0.1` by default, so that only this machine can connect.
    ///   - port: The port on which to listen, from 0 to 65535. 0, the default, picks a free one.
    ///   - configuration: The behaviour of the exchange; by default, like that of the venue.
    /// - Throws: ``SimulatorError`` with the code `invalidConfiguration` if the port or a field of the configuration is
    ///   out of its range, or with the code `listenFailed` if the exchange cannot listen there.
    public static func start(
        host: String = "127.0.0.1", port: Int = 0, configuration: ExchangeConfiguration = ExchangeConfiguration()
    ) async throws(SimulatorError) -> SimulatedExchange {
        guard (0...65535).contains(port) else {
            throw SimulatorError(.invalidConfiguration, "The port is \(port); use 0 to 65535.")
        }
        try configuration.validate()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let shell = try await loop.submit {
                NIOLoopBound(ExchangeShell(configuration: configuration, eventLoop: loop), eventLoop: loop)
            }.get()
            let delegate = try await loop.submit {
                NIOLoopBound(shell.value as any ListenerDelegate, eventLoop: loop)
            }.get()
            let listener = try await Listener.bind(host: host, port: port, on: loop, delegate: delegate)
            return SimulatedExchange(
                host: host, listener: listener, shell: shell, group: group, isStepped: configuration.isStepped)
        } catch {
            let message = (error as? TransportError)?.message ?? "\(error)"
            try? await group.shutdownGracefully()  // Cannot fail: it has no tasks yet.
            throw SimulatorError(.listenFailed, message)
        }
    }

    /// Makes a fault happen now. Returns once it has happened; does nothing after ``stop()``.
    public func perform(_ action: FaultAction) async {
        guard !isStopped.withLockedValue(\.self) else { return }
        let shell = shell
        // This call fails only if the exchange is being stopped.
        try? await group.next().submit { shell.value.submit(.fault(action)) }.get()
    }

    // MARK: Steps

    /// The venue's time, in milliseconds since 1970.
    public var now: Int64 {
        get async {
            let shell = shell
            // This call fails only if the exchange is being stopped.
            return (try? await group.next().submit { shell.value.milliseconds }.get()) ?? 0
        }
    }

    /// Moves the time of a stepped exchange forward, and returns once every client has received all messages that were
    /// sent by then.
    ///
    /// Everything that falls due happens at its own time. It is sent in this order, to one connection after the other, each
    /// of which has received its messages before the next one gets any. A client that answers no ping is waited for 10 s of
    /// real time.
    /// - Parameter duration: How far to move; zero only waits for the clients.
    /// - Throws: ``SimulatorError`` with the code `invalidConfiguration` if the time runs by itself, because
    ///   ``ExchangeConfiguration/isStepped`` is `false`, or if the duration is negative.
    public func step(by duration: Duration) async throws(SimulatorError) {
        guard isStepped else {
            throw SimulatorError(
                .invalidConfiguration, "The exchange's time runs by itself; start it with `isStepped = true`.")
        }
        guard duration >= .zero else {
            throw SimulatorError(.invalidConfiguration, "The step is \(duration); time only moves forward.")
        }
        guard !isStopped.withLockedValue(\.self) else { return }
        let shell = shell
        let loop = group.next()
        await withCheckedContinuation { continuation in
            loop.execute {
                shell.value.step(by: duration)
                shell.value.whenDelivered { continuation.resume() }
            }
        }
    }

    // MARK: Scripted events

    /// Sends an event to the subscribers of a feed, beside what the market makes: a trade, a book, a fill, an order
    /// update, a liquidation, or whatever the feed has.
    ///
    /// ```swift
    /// try await exchange.publish([trade], on: TradesFeed(coin: "BTC"))
    /// try await exchange.publish(.liquidation(liquidation), on: UserEventsFeed(user: user))
    /// ```
    ///
    /// The event is sent as it is, to those who are subscribed now; the market, the accounts and later snapshots do not
    /// change.
    /// - Throws: ``SimulatorError`` with the code `invalidConfiguration` if the exchange does not serve the feed, or if
    ///   the feed's messages are compressed.
    public func publish<F: CatalogueFeed>(_ event: F.Event, on feed: F) async throws(SimulatorError) {
        guard feed.traits.channel != "fastAssetCtxs" else {
            throw SimulatorError(.invalidConfiguration, "\(feed.request) is sent compressed, and cannot be published.")
        }
        let message = MessageEnvelope.message(of: event, on: feed)
        let (request, shell) = (feed.request, shell)
        // This call fails only if the exchange is being stopped.
        let isServed = try? await group.next().submit { shell.value.publish(message, on: request) }.get()
        guard isServed != false else {
            throw SimulatorError(
                .invalidConfiguration, "\(request) is not served by this exchange; check the coin's spelling.")
        }
    }

    /// Closes all connections and stops listening. The exchange cannot be started again; further calls do nothing.
    public func stop() async {
        let wasStopped = isStopped.withLockedValue { isStopped in
            defer { isStopped = true }
            return isStopped
        }
        guard !wasStopped else { return }
        let shell = shell
        // None of these fails: the loop runs.
        try? await group.next().submit { shell.value.stop() }.get()
        await listener.close()
        try? await group.shutdownGracefully()
    }
}
