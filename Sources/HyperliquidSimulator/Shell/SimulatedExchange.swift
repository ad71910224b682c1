internal import HyperliquidWire
internal import NIOCore
internal import NIOPosix
internal import WebSocketTransport

/// A simulated exchange that is served on this machine: WebSockets at `/ws` and `/explorer`, and `POST /info`.
///
/// ```swift
/// let exchange = try await SimulatedExchange.start()
/// let client = try HyperliquidClient(network: .custom(api: exchange.url, explorer: exchange.explorerURL))
/// …
/// await exchange.stop()
/// ```
public final class SimulatedExchange: Sendable {
    /// The API socket's address.
    public let url: String
    /// The explorer socket's address.
    public let explorerURL: String
    /// The port it listens on.
    public let port: Int
    private let listener: Listener
    private let shell: NIOLoopBound<ExchangeShell>
    private let group: MultiThreadedEventLoopGroup

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

    /// Serves an exchange until ``stop()``.
    /// - Parameters:
    ///   - host: The address to listen at: loopback by default.
    ///   - port: The port; 0, the default, takes a free one.
    ///   - configuration: What the exchange is like.
    /// - Throws: ``SimulatorError``: `listenFailed`, `invalidConfiguration`.
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
            try? await group.shutdownGracefully()  // Nothing runs on it yet.
            throw SimulatorError(.listenFailed, message)
        }
    }

    /// Makes something go wrong, now.
    public func perform(_ action: FaultAction) async {
        let shell = shell
        // Fails only after `stop`, when nothing is left to go wrong.
        try? await group.next().submit { shell.value.submit(.fault(action)) }.get()
    }

    /// Closes everything. The exchange cannot be started again.
    public func stop() async {
        let shell = shell
        // Each fails only where it was stopped before.
        try? await group.next().submit { shell.value.stop() }.get()
        await listener.close()
        try? await group.shutdownGracefully()
    }
}
