internal import NIOCore
internal import NIOPosix
internal import WebSocketTransport

/// One connection, dialled to see whether it works. Bound to its loop.
final class ConnectionProbe: TransportDelegate {
    /// What became of it.
    struct Result: Sendable {
        /// Why there is no connection.
        var failure: TransportError?
        /// How long the dial took.
        var dialTime: Duration?
        /// How long the answer to a ping frame took.
        var pingTime: Duration?
        /// How long the answer to the venue's own ping took.
        var venuePingTime: Duration?
        /// How it ended before it had answered.
        var close: TransportClose?
    }

    private let loop: any EventLoop
    private let results: AsyncStream<Result>.Continuation
    private let wantsVenuePing: Bool
    private var result = Result()
    private let startedAt = ContinuousClock.now
    private var askedAt = ContinuousClock.now

    /// How long the answers may take.
    private static let timeout = TimeAmount.seconds(5)

    private init(loop: any EventLoop, results: AsyncStream<Result>.Continuation, wantsVenuePing: Bool) {
        self.loop = loop
        self.results = results
        self.wantsVenuePing = wantsVenuePing
    }

    /// Dials, pings, and closes again.
    static func run(_ endpoint: Endpoint, wantsVenuePing: Bool) async -> Result {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (stream, continuation) = AsyncStream.makeStream(of: Result.self)
        loop.execute {
            let probe = ConnectionProbe(loop: loop, results: continuation, wantsVenuePing: wantsVenuePing)
            var randomness = SystemRandomness()
            _ = Dialer.dial(endpoint, settings: DialSettings(), on: loop, delegate: probe, randomness: &randomness)
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
            // Closing what is closed already does nothing.
            connection.close(code: .normal, reason: "")
        }
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        // Nothing was subscribed to: the first message is the answer.
        guard wantsVenuePing, result.venuePingTime == nil else { return }
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
        case .byPeer, .lost, .violation: result.close = reason
        }
        results.yield(result)
        results.finish()
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {}
    func transportReadCompleted(_ connection: TransportConnection) {}
    func transportWritabilityChanged(_ connection: TransportConnection) {}
}
