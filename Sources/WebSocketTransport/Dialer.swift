package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// How a connection is dialled, and what it accepts.
package struct DialSettings: Sendable {
    /// How long TCP may take.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the TLS handshake may take.
    package var tlsTimeout: Duration = .seconds(5)
    /// How long the WebSocket upgrade may take.
    package var upgradeTimeout: Duration = .seconds(5)
    /// How long the dial may take in all.
    package var totalTimeout: Duration = .seconds(10)
    /// How long the peer may take to answer a Close frame of ours before the connection is dropped.
    package var closeTimeout: Duration = .seconds(2)
    /// The largest message accepted, in bytes.
    package var maxMessageByteCount = 16 << 20
    /// The size of the buffer that the socket is read into, in bytes: large, so that a busy feed costs few system calls.
    package var receiveBufferByteCount = 512 << 10
    /// Headers of the upgrade besides those that make it one, by name.
    package var headers: [(name: String, value: String)] = []
    /// The authorities that TLS trusts.
    package var tls = TLSSettings()

    package init() {}
}

/// Makes connections: TCP, TLS where the address asks for it, and the upgrade to a WebSocket.
package enum Dialer {
    /// Dials. The delegate is called with `transportOpened`, or with `transportClosed` and the reason. Call it on
    /// `eventLoop`.
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

/// Cancels a dial. Bound to its event loop.
package struct DialHandle {
    fileprivate let attempt: DialAttempt

    /// Cancels the dial if it is still under way: the delegate is called with `transportClosed` before this returns.
    package func cancel() { attempt.cancel() }
}

/// One dial: its timers and its outcome. Bound to its event loop.
package final class DialAttempt {
    let endpoint: Endpoint
    let settings: DialSettings
    let key: String
    private let eventLoop: any EventLoop
    private var delegate: (any TransportDelegate)?
    /// The connection that the dial has led to. Its delegate does not know it before the HTTP codec has left the
    /// pipeline.
    private weak var connection: TransportConnection?
    /// The peer's refusal, while its body is awaited.
    private var refusal: TransportError?
    /// How long the body of a refusal is awaited.
    private static let bodyTimeout = Duration.seconds(1)
    /// The sockets that are being connected, one for each address of the host, and then the one that is.
    private var channels: [any Channel] = []
    /// The handler that bounds the answer's head.
    let headLimit = HeadLimitHandler()
    /// The handler before TLS; `nil` without TLS.
    private var recordHandler: RecordHandler?
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

    /// Adds the handlers of a socket that is about to be connected.
    package func configure(_ channel: any Channel) throws {
        guard delegate != nil else { throw ChannelError.ioOnClosedChannel }
        channels.append(channel)
        let pipeline = channel.pipeline.syncOperations
        if endpoint.isSecure {
            let records = RecordHandler()
            try pipeline.addHandlers(records, try TLS.clientHandler(endpoint, settings.tls))
            recordHandler = records
        }
        try pipeline.addHandler(headLimit)
        let encoder = HTTPRequestEncoder(configuration: .init())
        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
        try pipeline.addHandlers(encoder, decoder)
        try pipeline.addHandler(ClientUpgradeHandler(attempt: self, encoder: encoder, decoder: decoder))
    }

    package func connected(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel):
            guard delegate != nil else { return channel.close(promise: nil) }
            channels = [channel]
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

    /// Notes that TCP and TLS are done, and starts the upgrade's timer.
    func secured() {
        stageTimer?.cancel()
        guard delegate != nil else { return }
        stageTimer = timer(settings.upgradeTimeout) { [endpoint] in
            TransportError(.upgradeTimeout, "\(endpoint) did not answer the WebSocket upgrade in time")
        }
    }

    /// Ends the dial with success, and returns the connection, which takes over the delegate. `nil` if the dial has
    /// ended already.
    func finish(_ channel: any Channel) -> TransportConnection? {
        guard let delegate else { return nil }
        self.delegate = nil
        stopTimers()
        let connection = TransportConnection(
            channel: channel, delegate: delegate, isServer: false, closeTimeout: settings.closeTimeout)
        recordHandler?.connection = connection
        self.connection = connection
        return connection
    }

    package func cancel() {
        let error = TransportError(.cancelled, "the dial was cancelled")
        connection?.cancel(error)
        fail(error)
    }

    /// Notes that the peer refuses the upgrade. Its body may follow, and is awaited for a short time.
    func refused(_ error: TransportError) {
        if refusal == nil {
            stageTimer?.cancel()
            stageTimer = timer(min(settings.upgradeTimeout, Self.bodyTimeout)) { error }
        }
        refusal = error
    }

    /// Ends the dial that the peer has refused.
    func failAsRefused() {
        if let refusal { fail(refusal) }
    }

    /// Ends the dial with an error; does nothing if it has ended already. What happens after a refusal tells less than
    /// the refusal.
    package func fail(_ problem: TransportError) {
        guard let delegate else { return }
        let error = problem.code == .cancelled ? problem : refusal ?? problem
        // Cleared before the close, during which the channel's handlers report errors of their own.
        self.delegate = nil
        stopTimers()
        for channel in channels { channel.close(promise: nil) }
        channels = []
        delegate.transportClosed(.failed(error))
    }

    private func stopTimers() {
        totalTimer?.cancel()
        stageTimer?.cancel()
        totalTimer = nil
        stageTimer = nil
    }
}

/// Allocates a connection's receive buffer: a small one, enough for the answer to the handshake, then one of full size.
///
/// NIO copies the first buffer before anything was read into it: with half a megabyte, each page would be touched twice.
struct ReceiveBuffers: RecvByteBufferAllocator {
    let fullByteCount: Int
    private static let firstByteCount = 1024

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: min(fullByteCount, Self.firstByteCount))
    }

    func nextBufferSize() -> Int? { fullByteCount }

    mutating func record(actualReadBytes: Int) -> Bool { false }
}

extension Duration {
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
