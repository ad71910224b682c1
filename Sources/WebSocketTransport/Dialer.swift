package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Makes connections: TCP, TLS where the address asks for it, and the upgrade to a WebSocket.
package enum Dialer {
    /// Dials; the delegate hears `transportOpened`, or `transportClosed` with why not. Call it on `eventLoop`.
    package static func dial(
        _ endpoint: Endpoint, settings: DialSettings, on eventLoop: any EventLoop, delegate: any TransportDelegate,
        randomness: inout some RandomNumberGenerator
    ) -> DialHandle {
        eventLoop.preconditionInEventLoop()
        let key = UpgradeKey.make(using: &randomness)
        let attempt = DialAttempt(
            endpoint: endpoint, settings: settings, key: key, eventLoop: eventLoop, delegate: delegate)
        attempt.start()
        return DialHandle(attempt: attempt)
    }
}

/// Gives up a dial. Bound to its event loop.
package struct DialHandle {
    let attempt: DialAttempt

    /// Gives the dial up, if it is still under way; the delegate hears `transportClosed`.
    package func cancel() {
        attempt.fail(TransportError(.cancelled, "the dial was given up"))
    }
}

/// One dial: its timers and its end. Bound to its event loop.
package final class DialAttempt {
    let endpoint: Endpoint
    let settings: DialSettings
    let key: String
    private let eventLoop: any EventLoop
    private var delegate: (any TransportDelegate)?
    private var channel: (any Channel)?
    private var totalTimer: Scheduled<Void>?
    private var stageTimer: Scheduled<Void>?

    package init(
        endpoint: Endpoint, settings: DialSettings, key: String, eventLoop: any EventLoop,
        delegate: any TransportDelegate
    ) {
        self.endpoint = endpoint
        self.settings = settings
        self.key = key
        self.eventLoop = eventLoop
        self.delegate = delegate
    }

    func start() {
        totalTimer = timer(settings.totalTimeout) { [endpoint] in
            TransportError(.timeout, "\(endpoint) could not be reached in time; check the network")
        }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let bootstrap = ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: ReceiveBuffers(fullByteCount: settings.receiveBufferByteCount))
            .connectTimeout(settings.connectTimeout.timeAmount)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.configure(channel) }
            }
        bootstrap.connect(host: endpoint.host, port: endpoint.port).assumeIsolated().whenComplete { result in
            self.connected(result)
        }
    }

    private func timer(_ duration: Duration, _ error: @escaping () -> TransportError) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: duration.timeAmount) { self.fail(error()) }
    }

    package func configure(_ channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if endpoint.isSecure { try pipeline.addHandler(try TLS.clientHandler(endpoint, settings.tls)) }
        let encoder = HTTPRequestEncoder(configuration: .init())
        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
        try pipeline.addHandlers(encoder, decoder)
        try pipeline.addHandler(ClientUpgradeHandler(attempt: self, encoder: encoder, decoder: decoder))
    }

    package func connected(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel):
            guard delegate != nil else { return channel.close(promise: nil) }
            self.channel = channel
            if endpoint.isSecure {
                stageTimer = timer(settings.tlsTimeout) { [endpoint] in
                    TransportError(.tlsTimeout, "\(endpoint) did not finish the TLS handshake in time")
                }
            } else {
                secured()
            }
        case .failure(let error): fail(TransportError(connecting: endpoint, error))
        }
    }

    /// TCP and TLS are done: the upgrade has its own time.
    func secured() {
        stageTimer?.cancel()
        guard delegate != nil else { return }
        stageTimer = timer(settings.upgradeTimeout) { [endpoint] in
            TransportError(.upgradeTimeout, "\(endpoint) did not answer the WebSocket upgrade in time")
        }
    }

    /// The upgrade is done: the delegate goes over to the connection.
    func finish(_ channel: any Channel) -> TransportConnection? {
        guard let delegate else { return nil }
        self.delegate = nil
        stopTimers()
        return TransportConnection(
            channel: channel, delegate: delegate, isServer: false, closeTimeout: settings.closeTimeout)
    }

    /// The dial comes to nothing; nothing happens where it has ended already.
    package func fail(_ error: TransportError) {
        guard let delegate else { return }
        // First, because the handlers report what the close does to them while it is done.
        self.delegate = nil
        stopTimers()
        channel?.close(promise: nil)
        delegate.transportClosed(.failed(error))
    }

    private func stopTimers() {
        totalTimer?.cancel()
        stageTimer?.cancel()
        totalTimer = nil
        stageTimer = nil
    }
}

extension Duration {
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
