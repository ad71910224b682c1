import NIOCore
import NIOEmbedded
import WebSocketTransport

/// A dial without a socket: the test plays the peer and the clock.
struct EmbeddedDial {
    static let key = "dGhlIHNhbXBsZSBub25jZQ=="
    static let goodAnswer = RawPeer.answer(to: key)

    private let channel = EmbeddedChannel()
    private let log: Log

    /// Collects the delegate's events.
    private final class Log: TransportDelegate {
        var events: [RecordingDelegate.Event] = []

        func transportOpened(_ connection: TransportConnection) { events.append(.opened) }
        func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
            events.append(.text(Array(copying: text)))
        }
        func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
            events.append(.binary(Array(copying: binary)))
        }
        func transportReadCompleted(_ connection: TransportConnection) {}
        func transportPonged(_ connection: TransportConnection) { events.append(.ponged) }
        func transportWritabilityChanged(_ connection: TransportConnection) {}
        func transportClosed(_ reason: TransportClose) { events.append(.closed(reason)) }
    }

    init(url: String = "ws://example.org/ws") throws {
        log = Log()
        let attempt = DialAttempt(
            endpoint: try Endpoint(url), settings: DialSettings(), key: Self.key, eventLoop: channel.eventLoop,
            delegate: log)
        try attempt.configure(channel)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        attempt.connected(.success(channel))
    }

    var heard: [RecordingDelegate.Event] { log.events }

    func readRequest() throws -> String {
        var text = ""
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    func receive(_ bytes: [UInt8]) throws {
        // A channel that the dial has closed takes nothing more.
        guard channel.isActive else { return }
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    func advance(by time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
}
