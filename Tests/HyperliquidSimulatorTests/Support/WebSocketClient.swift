import NIOCore
import NIOPosix
import WebSocketTransport

/// A WebSocket connection to a served exchange, whose events are a sequence.
final class WebSocketClient: Sendable {
    enum Event: Hashable, Sendable {
        case opened
        case message(String)
        case closed(TransportClose)
    }

    let events: AsyncStream<Event>
    private let delegate: NIOLoopBound<Delegate>
    private let eventLoop: any EventLoop

    /// Dials. The first event tells whether the connection was opened.
    init(_ url: String, on eventLoop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()) async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let endpoint = try Endpoint(url)
        self.events = events
        self.eventLoop = eventLoop
        delegate = try await eventLoop.submit {
            let delegate = Delegate(continuation)
            var randomness = SystemRandomness()
            _ = Dialer.dial(
                endpoint, settings: DialSettings(), on: eventLoop, delegate: delegate, randomness: &randomness)
            return NIOLoopBound(delegate, eventLoop: eventLoop)
        }.get()
    }

    func send(_ text: String) async throws {
        let delegate = delegate
        try await eventLoop.submit { delegate.value.connection?.send(text: Array(text.utf8)) }.get()
    }

    func close() async throws {
        let delegate = delegate
        try await eventLoop.submit { delegate.value.connection?.close(code: .normal, reason: "") }.get()
    }

    /// Bound to its event loop.
    private final class Delegate: TransportDelegate {
        private let continuation: AsyncStream<Event>.Continuation
        private(set) var connection: TransportConnection?

        init(_ continuation: AsyncStream<Event>.Continuation) { self.continuation = continuation }

        func transportOpened(_ connection: TransportConnection) {
            self.connection = connection
            continuation.yield(.opened)
        }

        func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
            let bytes = text.indices.map { text[$0] }
            continuation.yield(.message(String(decoding: bytes, as: UTF8.self)))
        }

        func transportClosed(_ reason: TransportClose) {
            connection = nil
            continuation.yield(.closed(reason))
            continuation.finish()
        }

        func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {}
        func transportReadCompleted(_ connection: TransportConnection) {}
        func transportPonged(_ connection: TransportConnection) {}
        func transportWritabilityChanged(_ connection: TransportConnection) {}
    }
}

extension AsyncStream<WebSocketClient.Event>.Iterator {
    /// The next message; `nil` if the connection ends before it.
    mutating func nextMessage() async -> String? {
        while let event = await next(isolation: nil) {
            if case .message(let text) = event { return text }
            if case .closed = event { return nil }
        }
        return nil
    }

    /// Waits for the end of the connection, and returns its reason.
    mutating func end() async -> TransportClose? {
        while let event = await next(isolation: nil) {
            if case .closed(let reason) = event { return reason }
        }
        return nil
    }
}
