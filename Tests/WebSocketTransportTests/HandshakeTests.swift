import HyperliquidWire
import NIOCore
import NIOEmbedded
import Testing
import WebSocketTransport

@Suite("Handshake") struct HandshakeTests {
    @Test func `the key of the RFC's example gets the RFC's answer`() {
        // RFC 6455, section 1.3.
        #expect(UpgradeKey.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
        ),
    ])
    func `SHA-1 gives the digests of RFC 3174`(message: String, digest: String) {
        let digits = Array("0123456789abcdef")
        let hex = UpgradeKey.sha1(Array(message.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        #expect(String(hex) == digest)
    }

    @Test(arguments: [54, 55, 56, 57, 63, 64, 65, 119, 120, 128])
    func `SHA-1 pads every length differently`(count: Int) {
        let digests = (0..<3).map { UpgradeKey.sha1(Array(repeating: 0x61, count: count + $0)) }
        #expect(Set(digests).count == 3)
        #expect(digests.allSatisfy { $0.count == 20 })
    }

    @Test func `SHA-1 of a million letters gives the digest of RFC 3174`() {
        let digest = UpgradeKey.sha1(Array(repeating: 0x61, count: 1_000_000))
        #expect(digest[..<4] == [0x34, 0xaa, 0x97, 0x3c])
        #expect(digest[16...] == [0x65, 0x34, 0x01, 0x6f])
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 gives the texts of RFC 4648`(plain: String, encoded: String) {
        #expect(UpgradeKey.base64(Array(plain.utf8)) == encoded)
    }

    /// A socket of which the first write finds that the peer has reset it.
    private final class ResetSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            promise?.fail(ChannelError.ioOnClosedChannel)
            context.close(promise: nil)
        }
    }

    private final class Acceptor: ListenerDelegate {
        let end: RecordingDelegate
        init(_ end: RecordingDelegate) { self.end = end }
        func decide(_ upgrade: ListenerRequest) -> UpgradeDecision { .accept(end) }
        func answer(_ request: ListenerRequest) -> ListenerResponse {
            ListenerResponse(status: 404, contentType: "", body: [])
        }
    }

    @Test func `a client that is gone when it is answered is never opened, and its end is told`() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: RecordingDelegate.Event.self)
        let channel = EmbeddedChannel(handler: ResetSocket())
        try ServerUpgradeHandler.add(
            to: channel, delegate: Acceptor(RecordingDelegate(events: continuation)), limit: 1024,
            closeTimeout: .seconds(1))
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        _ = try? channel.writeInbound(ByteBuffer(bytes: RawPeer.request))
        channel.embeddedEventLoop.run()
        continuation.finish()
        var told: [RecordingDelegate.Event] = []
        for await event in events { told.append(event) }
        #expect(told == [.closed(.lost("the connection ended without a Close frame"))])
    }

    @Test func `a key is sixteen fresh bytes`() {
        var random = SplitMix64(seed: 1)
        let (first, second) = (UpgradeKey.make(using: &random), UpgradeKey.make(using: &random))
        #expect(first != second)
        #expect(UpgradeKey.isValid(first) && UpgradeKey.isValid(second))
        #expect(!UpgradeKey.isValid("c2hvcnQ="))
        #expect(!UpgradeKey.isValid(String(repeating: "a", count: 24)))
    }

    // MARK: The client's side

    @Test func `the client sends the request of section 4 of the RFC`() throws {
        let dial = try EmbeddedDial(url: "ws://example.org:8080/ws?x=1")
        let request = try dial.readRequest()
        #expect(request.hasPrefix("GET /ws?x=1 HTTP/1.1\r\n"))
        for line in [
            "Host: example.org:8080", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: \(EmbeddedDial.key)",
        ] {
            #expect(request.contains("\r\n\(line)\r\n"), "\(line)")
        }
    }

    @Test func `further headers are sent with the upgrade`() throws {
        let request = try EmbeddedDial(headers: [("User-Agent", "tests/1")]).readRequest()
        #expect(request.contains("\r\nUser-Agent: tests/1\r\n"))
        #expect(request.hasSuffix("\r\n\r\n"))
        #expect(try !EmbeddedDial().readRequest().contains("User-Agent"))
    }

    @Test func `an answer cut anywhere opens the connection, and the frames behind it arrive`() throws {
        let bytes = EmbeddedDial.goodAnswer + RawFrame.text("first").bytes + RawFrame.text("second").bytes
        for cut in 0...bytes.count {
            let dial = try EmbeddedDial()
            try dial.receive(Array(bytes[..<cut]))
            try dial.receive(Array(bytes[cut...]))
            let expected: [RecordingDelegate.Event] = [
                .opened, .text(Array("first".utf8)), .text(Array("second".utf8)),
            ]
            #expect(dial.heard == expected, "cut at \(cut)")
        }
    }

    static let badAnswers: [(what: String, answer: String, code: TransportError.Code)] = [
        ("another status", "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", .upgradeRefused),
        ("a redirect", "HTTP/1.1 302 Found\r\nLocation: ws://h/\r\nContent-Length: 0\r\n\r\n", .upgradeRefused),
        ("no upgrade", answer(leavingOut: "Upgrade"), .upgradeInvalid),
        ("another upgrade", answer(replacing: "Upgrade", by: "h2c"), .upgradeInvalid),
        ("no connection header", answer(leavingOut: "Connection"), .upgradeInvalid),
        ("connection: close", answer(replacing: "Connection", by: "close"), .upgradeInvalid),
        ("no key", answer(leavingOut: "Sec-WebSocket-Accept"), .upgradeInvalid),
        ("a wrong key", answer(replacing: "Sec-WebSocket-Accept", by: "S3pPLMBiTxaQ9kYGzzhZRbK+xOo="), .upgradeInvalid),
        ("an extension", answer(adding: "Sec-WebSocket-Extensions", "permessage-deflate"), .upgradeInvalid),
        ("a subprotocol", answer(adding: "Sec-WebSocket-Protocol", "chat"), .upgradeInvalid),
        ("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", .upgradeInvalid),
        ("an endless head", "HTTP/1.1 101 X\r\nA: " + String(repeating: "a", count: 200_000), .upgradeInvalid),
    ]

    @Test(arguments: badAnswers)
    func `an answer that is no upgrade fails with an error of its own`(
        what: String, answer: String, code: TransportError.Code
    ) throws {
        let dial = try EmbeddedDial()
        try dial.receive(Array(answer.utf8))
        guard case .closed(.failed(let error))? = dial.heard.first, dial.heard.count == 1 else {
            Issue.record("\(what): \(dial.heard)")
            return
        }
        #expect(error.code == code, "\(what): \(error)")
    }

    static let refusals: [(body: String, shown: String)] = [
        ("", "403 Forbidden"), ("blocked", "403 Forbidden (\"blocked\")"),
        ("<html><head>\r\n<title>Access  denied</title></head>\u{7}", "403 Forbidden (\"Access denied\")"),
        (#"{"error":"no key"}"#, #"403 Forbidden ("{"error":"no key"}")"#),
        (
            String(repeating: "ab", count: 50_000),
            "403 Forbidden (\"\(String(repeating: "ab", count: 60))…\")"
        ),
    ]

    @Test(arguments: refusals)
    func `a refusal is told with the first words of its body`(body: String, shown: String) throws {
        let dial = try EmbeddedDial()
        let head = "HTTP/1.1 403 Forbidden\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        for byte in Array((head + body).utf8) { try dial.receive([byte]) }
        guard case .closed(.failed(let error))? = dial.heard.first, dial.heard.count == 1 else {
            Issue.record("\(dial.heard)")
            return
        }
        #expect(error.message == "ws://example.org:80/ws refused the WebSocket: \(shown)")
        #expect(error.httpStatus == 403)
    }

    @Test func `the body of a refusal is awaited for one second`() throws {
        let dial = try EmbeddedDial()
        try dial.receive(Array("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\n12345".utf8))
        dial.advance(by: .milliseconds(999))
        #expect(dial.heard.isEmpty)
        dial.advance(by: .milliseconds(1))
        guard case .closed(.failed(let error))? = dial.heard.first else {
            Issue.record("\(dial.heard)")
            return
        }
        #expect(error.code == .upgradeRefused)
        #expect(error.message.hasSuffix("(\"12345\")"))
    }

    @Test func `header names and tokens are matched in any case and among others`() throws {
        let dial = try EmbeddedDial()
        let answer =
            "HTTP/1.1 101 OK\r\nupgrade: WebSocket\r\nCONNECTION: keep-alive, upgrade\r\n"
            + "sec-websocket-accept:  \(UpgradeKey.accept(EmbeddedDial.key)) \r\nServer: x\r\n\r\n"
        try dial.receive(Array(answer.utf8))
        #expect(dial.heard == [.opened])
    }

    @Test func `informational responses before the real one are skipped`() throws {
        let dial = try EmbeddedDial()
        try dial.receive(Array("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n".utf8) + EmbeddedDial.goodAnswer)
        #expect(dial.heard == [.opened])
    }

    @Test func `a timeout after the upgrade changes nothing`() throws {
        let dial = try EmbeddedDial()
        try dial.receive(EmbeddedDial.goodAnswer)
        dial.advance(by: .hours(1))
        #expect(dial.heard == [.opened])
    }

    @Test func `an upgrade that takes too long fails exactly at its timeout`() throws {
        let dial = try EmbeddedDial()
        dial.advance(by: .nanoseconds(4_999_999_999))
        #expect(dial.heard.isEmpty)
        dial.advance(by: .nanoseconds(1))
        guard case .closed(.failed(let error))? = dial.heard.first else {
            Issue.record("\(dial.heard)")
            return
        }
        #expect(error.code == .upgradeTimeout)
    }

    private static func answer(
        leavingOut: String = "", replacing: String = "", by value: String = "", adding name: String = "",
        _ added: String = ""
    ) -> String {
        var lines = String(decoding: EmbeddedDial.goodAnswer, as: UTF8.self).split(separator: "\r\n").map(String.init)
        if !leavingOut.isEmpty { lines.removeAll { $0.hasPrefix(leavingOut + ":") } }
        if !replacing.isEmpty { lines = lines.map { $0.hasPrefix(replacing + ":") ? "\(replacing): \(value)" : $0 } }
        if !name.isEmpty { lines.append("\(name): \(added)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    /// Behind the last byte of the answer, the HTTP codec is still leaving the pipeline, and nobody knows the connection.
    @Test func `a dial can be cancelled at every byte of the answer, and its socket is closed`() throws {
        for count in 0...EmbeddedDial.goodAnswer.count {
            let dial = try EmbeddedDial()
            try dial.receive(Array(EmbeddedDial.goodAnswer.prefix(count)), runs: count < EmbeddedDial.goodAnswer.count)
            #expect(dial.heard == [], "byte \(count)")
            dial.cancel()
            guard case .closed(.failed(let error)) = dial.heard.first else {
                Issue.record("byte \(count): \(dial.heard)")
                continue
            }
            #expect(error.code == .cancelled)
            dial.run()
            #expect(dial.heard.count == 1, "byte \(count)")
            #expect(!dial.isConnected, "byte \(count)")
        }
    }
}
