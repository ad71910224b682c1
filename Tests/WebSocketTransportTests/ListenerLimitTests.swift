import NIOCore
import NIOEmbedded
import Testing
import WebSocketTransport

/// What a client can cost a listener before its upgrade, with a clock that the test drives.
@Suite("Limits of a listener") struct ListenerLimitTests {
    private final class Delegate: ListenerDelegate {
        var requestCount = 0
        let answerByteCount: Int

        init(answerByteCount: Int) { self.answerByteCount = answerByteCount }

        func decide(_ upgrade: ListenerRequest) -> UpgradeDecision { .stall }

        func answer(_ request: ListenerRequest) -> ListenerResponse {
            requestCount += 1
            return ListenerResponse(
                status: 200, contentType: "text/plain", body: [UInt8](repeating: 0x61, count: answerByteCount))
        }
    }

    private let channel = EmbeddedChannel()
    private let delegate: Delegate

    init() throws {
        delegate = Delegate(answerByteCount: 10)
        try ServerUpgradeHandler.add(to: channel, delegate: delegate, limit: 1 << 20, closeTimeout: .seconds(2))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func receive(_ text: String) throws {
        try channel.writeInbound(ByteBuffer(string: text))
        channel.embeddedEventLoop.run()
    }

    @Test(arguments: ["", "GET / HT", "POST /info HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n123"])
    func `a client that does not finish its request is closed after 30 s`(part: String) throws {
        if !part.isEmpty { try receive(part) }
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(29_999))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test func `each request gives a client 30 s more`() throws {
        for _ in 0..<3 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(29))
            try receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        }
        #expect(delegate.requestCount == 3 && channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(30))
        #expect(!channel.isActive)
    }

    @Test func `an upgrade that is never answered on purpose stays open`() throws {
        try receive(String(decoding: RawPeer.request, as: UTF8.self))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
    }

    @Test func `a client that does not read its answers is closed`() throws {
        try receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        channel.isWritable = false
        try receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(delegate.requestCount == 1 && !channel.isActive)
    }
}
