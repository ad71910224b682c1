internal import HyperliquidWire
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import WebSocketTransport

/// A simulated exchange that is served on this machine: WebSockets at `/ws` and `/explorer`, and `POST /info`.
///
/// It speaks the venue's protocol to clients in any language. It runs on a thread of its own until ``stop()``.
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
    /// Once it is stopped, its loop never answers.
    private let isStopped = NIOLockedValueBox(false)

    private init(
        host: String, listener: Listener, shell: NIOLoopBound<ExchangeShell>, group: MultiThreadedEventLoopGroup
    ) {
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
            return SimulatedExchange(host: host, listener: listener, shell: shell, group: group)
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
