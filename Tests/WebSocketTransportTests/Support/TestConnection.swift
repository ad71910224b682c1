import NIOCore
import NIOPosix
import WebSocketTransport

/// A delegate that reports its calls as events. Bound to its loop.
final class RecordingDelegate: TransportDelegate {
    enum Event: Hashable, Sendable {
        case opened
        case text([UInt8])
        case binary([UInt8])
        case ponged
        case closed(TransportClose)
    }

    private let events: AsyncStream<Event>.Continuation
    private(set) var connection: TransportConnection?
    /// Called with each event, beside reporting it.
    private let answer: (TransportConnection, Event) -> Void

    init(events: AsyncStream<Event>.Continuation, answer: @escaping (TransportConnection, Event) -> Void = { _, _ in })
    {
        self.events = events
        self.answer = answer
    }

    private func tell(_ event: Event, _ connection: TransportConnection) {
        events.yield(event)
        answer(connection, event)
    }

    func transportOpened(_ connection: TransportConnection) {
        self.connection = connection
        tell(.opened, connection)
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        tell(.text(Array(copying: text)), connection)
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
        tell(.binary(Array(copying: binary)), connection)
    }

    func transportReadCompleted(_ connection: TransportConnection) {}

    func transportPonged(_ connection: TransportConnection) { tell(.ponged, connection) }

    func transportWritabilityChanged(_ connection: TransportConnection) {}

    func transportClosed(_ reason: TransportClose) {
        connection = nil
        events.yield(.closed(reason))
        events.finish()
    }
}

/// A connection as a test sees it: its events in order, and access to its loop.
struct TestConnection {
    private let end: NIOLoopBound<RecordingDelegate>
    private let dial: NIOLoopBound<DialHandle>?
    private let loop: any EventLoop
    private var events: AsyncStream<RecordingDelegate.Event>.Iterator

    init(
        _ end: NIOLoopBound<RecordingDelegate>, dial: NIOLoopBound<DialHandle>? = nil, _ loop: any EventLoop,
        _ events: AsyncStream<RecordingDelegate.Event>
    ) {
        self.end = end
        self.dial = dial
        self.loop = loop
        self.events = events.makeAsyncIterator()
    }

    /// The next event; `nil` after the end.
    mutating func next() async -> RecordingDelegate.Event? { await events.next(isolation: #isolation) }

    /// The reason of the end; all other events are skipped.
    mutating func end() async -> TransportClose? {
        while let event = await next() {
            if case .closed(let reason) = event { return reason }
        }
        return nil
    }

    /// Cancels the dial.
    func cancel() async throws {
        let dial = dial
        try await loop.submit { dial?.value.cancel() }.get()
    }

    /// Calls `body` with the connection, if it is open.
    func perform(_ action: @escaping @Sendable (TransportConnection) -> Void) async throws {
        let end = end
        try await loop.submit { if let connection = end.value.connection { action(connection) } }.get()
    }
}

extension TestConnection {
    /// Dials; the outcome comes as an event.
    static func dial(
        _ url: String, on loop: any EventLoop = testLoop, settings: DialSettings = .patient,
        isCancelledAtOnce: Bool = false,
        answer: @escaping @Sendable (TransportConnection, RecordingDelegate.Event) -> Void = { _, _ in }
    ) async throws -> TestConnection {
        let (stream, continuation) = AsyncStream.makeStream(of: RecordingDelegate.Event.self)
        let endpoint = try Endpoint(url)
        let (end, dial) = try await loop.submit {
            let end = RecordingDelegate(events: continuation, answer: answer)
            var randomness = SystemRandomness()
            let handle = Dialer.dial(endpoint, settings: settings, on: loop, delegate: end, randomness: &randomness)
            if isCancelledAtOnce { handle.cancel() }
            return (NIOLoopBound(end, eventLoop: loop), NIOLoopBound(handle, eventLoop: loop))
        }.get()
        return TestConnection(end, dial: dial, loop, stream)
    }
}

/// The loop of the tests over sockets, and a second one for peers that must not share it.
private let loops = MultiThreadedEventLoopGroup(numberOfThreads: 2)
let testLoop = loops.next()
let otherLoop = loops.next()

extension TestConnection {
    /// Why the dial failed.
    mutating func failure() async -> TransportError? {
        guard case .failed(let error)? = await end() else { return nil }
        return error
    }
}

extension [UInt8] {
    /// The bytes of a message, which are gone when the call returns.
    init(copying span: borrowing Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }
}

extension DialSettings {
    /// Waits longer than any busy machine takes: a test whose subject is a time sets that one shorter.
    static var patient: DialSettings {
        var settings = DialSettings()
        settings.connectTimeout = .seconds(60)
        settings.tlsTimeout = .seconds(60)
        settings.upgradeTimeout = .seconds(60)
        settings.totalTimeout = .seconds(60)
        settings.closeTimeout = .seconds(60)
        return settings
    }
}
