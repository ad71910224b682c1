import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import NIOCore
import NIOEmbedded
import Testing
import WebSocketTransport

/// What keeps a connection alive: an engine and a connection without a socket, and a clock that the test drives.
@Suite("Liveness") struct LivenessTests {
    /// Bytes that come again and again.
    struct Line: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the venue sends, part by part.
        let parts: [[UInt8]]
        /// The time between two parts.
        let interval: Int64
        /// The number of messages that are complete in the end.
        let messageCount: Int

        /// One message, as one or several frames, in pieces of a size.
        static func message(_ what: String, byteCount: Int, pieceByteCount: Int, every interval: Int64 = 1) -> Line {
            let start = Array(#"{"channel":"trades","data":[],"x":""#.utf8)
            let text = start + [UInt8](repeating: 0x61, count: byteCount - start.count - 2) + Array(#""}"#.utf8)
            let frame = LivenessTests.header(0x81, text.count) + text
            return Line(
                testDescription: what, parts: frame.chunks(of: pieceByteCount), interval: interval, messageCount: 1)
        }
    }

    private static func header(_ first: UInt8, _ count: Int) -> [UInt8] {
        if count < 126 { return [first, UInt8(count)] }
        if count < 65536 { return [first, 126, UInt8(count >> 8), UInt8(count & 0xff)] }
        return [first, 127] + (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
    }

    private static func fragment(_ index: Int, of count: Int) -> [UInt8] {
        let first: UInt8 = (index == 0 ? 1 : 0) | (index == count - 1 ? 0x80 : 0)
        let text = index == 0 ? #"{"channel":"trades","x":"# : index == count - 1 ? "0}" : "1"
        return header(first, text.utf8.count) + Array(text.utf8)
    }

    static let living: [Line] = [
        .message("a frame of 560 bytes at 10 bytes a second", byteCount: 560, pieceByteCount: 10),
        .message("a frame of 600 KB at 5 KB a second", byteCount: 600_000, pieceByteCount: 5000),
        .message("a byte every 9 s", byteCount: 60, pieceByteCount: 1, every: 9),
        Line(
            testDescription: "a fragment every 9 s", parts: (0..<20).map { fragment($0, of: 20) }, interval: 9,
            messageCount: 1),
        Line(
            testDescription: "a ping frame every 9 s", parts: Array(repeating: [0x89, 0], count: 20), interval: 9,
            messageCount: 0),
        Line(
            testDescription: "a text that is no JSON every 9 s", parts: Array(repeating: [0x81, 1, 0x61], count: 20),
            interval: 9, messageCount: 20),
    ]

    @Test(arguments: living)
    func `bytes of any kind keep a connection, and do not stop the pings`(line: Line) throws {
        let connection = try DrivenConnection()
        for part in line.parts {
            connection.advance(by: .seconds(line.interval))
            try connection.receive(part)
        }
        #expect(!connection.isGivenUp)
        let seconds = Int64(line.parts.count) * line.interval
        #expect(connection.messageCount == line.messageCount)
        // The first ping follows 20 s after the opening, each further one 20 s after the last; a ping may fall together
        // with the last part.
        #expect(connection.pingCount >= Int(seconds - 1) / 20 && connection.pingCount <= Int(seconds) / 20)
    }

    @Test func `a connection that brings no byte is pinged after 20 s and given up after 30 s`() throws {
        let connection = try DrivenConnection()
        connection.advance(by: .milliseconds(29_999))
        #expect(connection.pingCount == 1)
        #expect(!connection.isGivenUp)
        connection.advance(by: .milliseconds(1))
        #expect(connection.isGivenUp)
    }

    @Test func `a message that stops in the middle does not keep its connection`() throws {
        let connection = try DrivenConnection()
        for _ in 0..<40 {
            connection.advance(by: .seconds(1))
            try connection.receive([0x81, 0x10])
        }
        connection.advance(by: .milliseconds(10_001))
        #expect(connection.isGivenUp)
    }

    @Test func `a message that is complete puts the ping off`() throws {
        let connection = try DrivenConnection()
        connection.advance(by: .seconds(19))
        try connection.receive([0x81, 28] + Array(#"{"channel":"trades","data":1"#.utf8))
        connection.advance(by: .seconds(19))
        #expect(connection.pingCount == 0)
    }
}

/// A connection of an engine, over a channel without a socket.
private final class DrivenConnection: TransportDelegate, MessageReceiverOwner {
    private let channel = EmbeddedChannel()
    private var engine = Engine(configuration: EngineConfiguration())
    private var turn = Turn(limits: VenueLimits())
    private var receiver: MessageReceiver<DrivenConnection>?
    private(set) var messageCount = 0
    private(set) var pingCount = 0
    private(set) var isGivenUp = false

    var now: Instant { turn.now }
    let wallMilliseconds: Int64 = 0

    init() throws {
        let key = "dGhlIHNhbXBsZSBub25jZQ=="
        submit(.started)
        let feed = TradesFeed(coin: "BTC")
        submit(.subscribed(SubscriptionID(1), feed.request, feed.traits, timeout: nil, waitsForLimits: true))
        receiver = MessageReceiver(id: ConnectionID(1), owner: self)
        let attempt = DialAttempt(
            endpoint: try Endpoint("ws://example.org/ws"), settings: DialSettings(), key: key,
            eventLoop: channel.eventLoop, delegate: self)
        try attempt.configure(channel)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        attempt.connected(.success(channel))
        let answer = """
            HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n
            """
        try receive(Array(answer.utf8))
        submit(.acknowledged(ConnectionID(1), .subscribe, echo: feed.request))
    }

    func receive(_ bytes: [UInt8]) throws {
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        channel.embeddedEventLoop.run()
    }

    /// Lets time pass, and wakes the engine whenever it has asked for it.
    func advance(by duration: Duration) {
        let end = turn.now.advanced(by: duration)
        while let deadline = engine.deadline, deadline <= end, !isGivenUp {
            turn.now = max(turn.now, deadline)
            submit(.woke)
        }
        turn.now = end
    }

    func submit(_ input: Engine.Input) {
        engine.handle(input, &turn)
        for effect in turn.effects {
            switch effect {
            case .send(_, .ping): pingCount += 1
            case .close: isGivenUp = true
            default: break  // Other effects are not the subject.
            }
        }
        turn.effects = []
    }

    func countUnrouted() {}
    func postAnswered(_ response: PostResponse, on connection: ConnectionID) {}
    func decodingFailed(_ dispatcher: UpstreamDispatcher) {}

    func transportOpened(_ connection: TransportConnection) { submit(.connectionOpened(ConnectionID(1))) }
    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        messageCount += 1
        receiver?.receive(text)
    }
    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {}
    func transportReadCompleted(_ connection: TransportConnection) { receiver?.receiveBytes() }
    func transportPonged(_ connection: TransportConnection) {}
    func transportWritabilityChanged(_ connection: TransportConnection) {}
    func transportClosed(_ reason: TransportClose) {}
}

extension [UInt8] {
    fileprivate func chunks(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
