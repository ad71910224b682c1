import NIOCore
import NIOEmbedded
import WebSocketTransport

/// A dial without a socket: the test plays the peer and the clock.
struct EmbeddedDial {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let goodAnswer = RawPeer.answer(to: key)

    private let channel = EmbeddedChannel()
    private let attempt: DialAttempt
    private let log: Log

    /// Collects the delegate's events.
    private final class Log: TransportDelegate {
        var events: [RecordingDelegate.Event] = []
        var readCount = 0

        func transportOpened(_ connection: TransportConnection) { events.append(.opened) }
        func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
            events.append(.text(Array(copying: text)))
        }
        func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
            events.append(.binary(Array(copying: binary)))
        }
        func transportReadCompleted(_ connection: TransportConnection) { readCount += 1 }
        func transportPonged(_ connection: TransportConnection) { events.append(.ponged) }
        func transportWritabilityChanged(_ connection: TransportConnection) {}
        func transportClosed(_ reason: TransportClose) { events.append(.closed(reason)) }
    }

    /// - Parameter roots: The authorities to trust beside the system's, as PEM.
    init(
        url: String = "ws://example.org/ws", roots: [String] = [], headers: [(name: String, value: String)] = []
    ) throws {
        log = Log()
        var settings = DialSettings()
        settings.headers = headers
        settings.tls.additionalRoots = roots
        let attempt = DialAttempt(
            endpoint: try Endpoint(url), settings: settings, key: Self.key, eventLoop: channel.eventLoop,
            delegate: log)
        try attempt.configure(channel)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        attempt.connected(.success(channel))
        self.attempt = attempt
    }

    func cancel() { attempt.cancel() }

    var isConnected: Bool { channel.isActive }

    var heard: [RecordingDelegate.Event] { log.events }

    /// The number of reads of which the delegate was told.
    var readCount: Int { log.readCount }

    func readRequest() throws -> String { String(decoding: try takeSent(), as: UTF8.self) }

    /// The bytes for the socket since the last call.
    func takeSent() throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return bytes
    }

    /// - Parameter runs: Whether what the bytes have scheduled on the loop is done as well.
    func receive(_ bytes: [UInt8], runs: Bool = true) throws {
        // A channel that the dial has closed takes nothing more.
        guard isConnected else { return }
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        if runs { run() }
    }

    func run() { channel.embeddedEventLoop.run() }

    func advance(by time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
}
