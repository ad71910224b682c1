import NIOCore
import NIOPosix
import TestPacing
import Testing
import WebSocketTransport

/// Every way in which a dial can fail has an error of its own, reported once.
@Suite("Dialling", .overLoopback, .timeLimit(.minutes(30))) struct DialTests {
    @Test func `a dial to a port that nothing listens on is refused, and the error names the port`() async throws {
        let server = try await RunningServer.start(.echo)
        let url = server.url
        await server.stop()
        var client = try await TestConnection.dial(url)
        let failure = await client.failure()
        #expect(failure?.code == .connectionRefused)
        #expect(failure?.message.contains("\(server.port)") == true)
        #expect(await client.next() == nil)
    }

    @Test(arguments: [(429, "Too Many Requests"), (403, "Forbidden"), (301, "Moved"), (500, "Oops"), (200, "OK")])
    func `a refused upgrade fails with its HTTP status`(status: Int, text: String) async throws {
        let server = try await RunningServer.start(.refuse(status, text))
        var client = try await TestConnection.dial(server.url)
        let failure = await client.failure()
        #expect(failure?.code == .upgradeRefused)
        #expect(failure?.httpStatus == status)
        await server.stop()
    }

    @Test func `an upgrade without an answer fails in time`() async throws {
        let server = try await RunningServer.start(.stall)
        var settings = DialSettings.patient
        settings.upgradeTimeout = .milliseconds(20)
        var client = try await TestConnection.dial(server.url, settings: settings)
        #expect(await client.failure()?.code == .upgradeTimeout)
        await server.stop()
    }

    @Test func `a dial fails after its total timeout`() async throws {
        let server = try await RunningServer.start(.stall)
        var settings = DialSettings.patient
        settings.totalTimeout = .milliseconds(20)
        var client = try await TestConnection.dial(server.url, settings: settings)
        #expect(await client.failure()?.code == .timeout)
        await server.stop()
    }

    @Test func `a TLS handshake without an answer fails in time`() async throws {
        var settings = DialSettings.patient
        settings.tlsTimeout = .milliseconds(20)
        var client: TestConnection?
        try await RawPeer.listen(
            dial: { [settings] in client = try await TestConnection.dial("wss://localhost:\($0)/", settings: settings) }
        ) { peer in
            #expect(await client?.failure()?.code == .tlsTimeout)
            // The socket is closed, too.
            _ = try await peer.readToEnd()
        }
    }

    @Test func `a peer that does not accept TCP fails differently from one that does not answer`() async throws {
        // A listener that accepts nothing: its queue holds a connection or two, the others wait for TCP.
        let listener = try await ServerBootstrap(group: otherLoop)
            .serverChannelOption(.backlog, value: 0).serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        var settings = DialSettings.patient
        settings.connectTimeout = .milliseconds(50)
        settings.upgradeTimeout = .milliseconds(50)
        var codes: [TransportError.Code?] = []
        for _ in 0..<4 {
            var client = try await TestConnection.dial(
                "ws://127.0.0.1:\(listener.localAddress?.port ?? 0)/", settings: settings)
            codes.append(await client.failure()?.code)
        }
        #expect(codes.allSatisfy { $0 == .connectTimeout || $0 == .upgradeTimeout }, "\(codes)")
        #expect(codes.contains(.connectTimeout), "\(codes)")
        try await listener.close()
    }

    @Test(arguments: ["ws", "wss"])
    func `a dial cancelled at once fails as cancelled`(scheme: String) async throws {
        let server = try await RunningServer.start(.echo)
        var client = try await TestConnection.dial("\(scheme)://127.0.0.1:\(server.port)/", isCancelledAtOnce: true)
        #expect(await client.failure()?.code == .cancelled)
        #expect(await client.next() == nil)
        await server.stop()
    }

    @Test(arguments: ["ws", "wss"])
    func `a dial cancelled during TLS or the upgrade fails as cancelled, and its socket is closed`(
        scheme: String
    ) async throws {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("\(scheme)://localhost:\($0)/") }) {
            peer in
            // The client has said its first words and waits for an answer.
            _ = try await peer.read(1)
            try await client?.cancel()
            #expect(await client?.failure()?.code == .cancelled)
            _ = try await peer.readToEnd()
        }
    }

    @Test func `a cancel after the dial is done changes nothing`() async throws {
        let server = try await RunningServer.start(.echo)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        try await client.cancel()
        try await client.perform { $0.send(text: [0x61]) }
        #expect(await client.next() == .text([0x61]))
        await server.stop()
    }

    @Test func `a peer that closes before it answers is unreachable`() async throws {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            _ = try await peer.readHead()
        }
        #expect(await client?.failure()?.code == .unreachable)
    }

    @Test func `a dial to an unknown host name fails with an error of its own`() async throws {
        var client = try await TestConnection.dial("ws://no-such-host.invalid/")
        #expect(await client.failure()?.code == .nameNotResolved)
    }

    @Test(arguments: [
        ("ws://h", "ws://h:80/"), ("wss://h", "wss://h:443/"), ("WSS://h:8/p?q=1", "wss://h:8/p?q=1"),
        ("ws://h?q", "ws://h:80/?q"), ("ws://[::1]:9/ws", "ws://[::1]:9/ws"), ("ws://1.2.3.4/ws", "ws://1.2.3.4:80/ws"),
    ])
    func `an address is parsed into its parts`(url: String, described: String) throws {
        #expect(try "\(Endpoint(url))" == described)
    }

    @Test(arguments: [
        "", "h", "http://h", "ws:/h", "ws://", "ws://:80", "ws://h:", "ws://h:0", "ws://h:65536", "ws://h:+80",
        "ws://h:8o", "ws://a@h/", "ws://h/#f", "ws://h /", "ws://[::1", "ws://[::1]x", "ws://é/", "ws://h/\r\nX: y",
    ])
    func `an invalid address is refused with an example of a valid one`(url: String) {
        let error = #expect(throws: TransportError.self) { try Endpoint(url) }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains("wss://api.hyperliquid.xyz/ws") == true)
    }
}
