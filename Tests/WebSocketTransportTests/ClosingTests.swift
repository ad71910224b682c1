import NIOCore
import TestPacing
import Testing
import WebSocketTransport

/// The ends of connections: each is reported once, with its true reason.
@Suite("Closing", .overLoopback, .timeLimit(.minutes(30))) struct ClosingTests {
    @Test func `a close by one side ends both sides in order`() async throws {
        var server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        var accepted = try #require(await server.accepted())
        try await client.perform { $0.close(code: .goingAway, reason: "bye") }
        #expect(await client.next() == .closed(.byUs))
        #expect(await accepted.end() == .byPeer(code: 1001, reason: "bye"))
        await server.stop()
    }

    @Test func `a close by the peer is reported with its code and reason`() async throws {
        var server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        var accepted = try #require(await server.accepted())
        #expect(await accepted.next() == .opened)
        try await accepted.perform { $0.close(code: .normal, reason: "Expired") }
        #expect(await client.next() == .closed(.byPeer(code: 1000, reason: "Expired")))
        #expect(await accepted.next() == .closed(.byUs))
        await server.stop()
    }

    @Test func `the peer's close code is sent back to it`() async throws {
        let server = try await RunningServer.start(.silent)
        try await RawPeer.connect(port: server.port) { peer in
            _ = try await peer.upgrade()
            try await peer.send(RawFrame.close(3333, "mine").masked())
            #expect(try await peer.readToEnd() == RawFrame.close(3333).bytes)
        }
        await server.stop()
    }

    @Test func `after our close, data is not delivered but the peer's answer ends the wait`() async throws {
        var client: TestConnection?
        var settings = DialSettings.patient
        settings.closeTimeout = .seconds(3600)
        try await RawPeer.listen(
            dial: { [settings] in client = try await TestConnection.dial("ws://127.0.0.1:\($0)/", settings: settings) }
        ) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await client?.perform { $0.close(code: .normal, reason: "") }
            let close = try await peer.read(8)
            #expect(close.first == 0x88)
            try await peer.send(.text("late"), .text("later"), .close(1000))
            #expect(await client?.next() == .closed(.byUs))
        }
    }

    @Test func `a peer that never answers our close is dropped`() async throws {
        var client: TestConnection?
        var settings = DialSettings.patient
        settings.closeTimeout = .milliseconds(10)
        try await RawPeer.listen(
            dial: { [settings] in client = try await TestConnection.dial("ws://127.0.0.1:\($0)/", settings: settings) }
        ) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await client?.perform { $0.close(code: .normal, reason: "") }
            #expect(await client?.next() == .closed(.byUs))
        }
    }

    @Test func `a peer that closes without a Close frame is reported as a loss`() async throws {
        #expect(try await endOfClient { _ in } == .lost("the connection ended without a Close frame"))
    }

    @Test func `a peer that closes in the middle of a frame is reported so`() async throws {
        let end = try await endOfClient { peer in
            try await peer.send(Array(RawFrame.text("a message cut off").bytes.dropLast(5)))
        }
        #expect(end == .lost("the peer closed the connection in the middle of a frame"))
    }

    @Test func `a reset is reported as a loss`() async throws {
        var server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        var accepted = try #require(await server.accepted())
        #expect(await accepted.next() == .opened)
        try await accepted.perform { $0.abort() }
        #expect(await client.next() == .closed(.lost("the peer reset the connection")))
        #expect(await accepted.next() == .closed(.byUs))
        await server.stop()
    }

    @Test(arguments: [
        (RawFrame.text("masked").masked().bytes, UInt16(1002), "a server's frame is masked"),
        (RawFrame(opcode: 1, payload: [0xff]).bytes, 1007, "a text message is not UTF-8"),
        ([0x82, 127, 0, 0, 0, 0, 1, 0, 0, 1], 1009, "a frame of 16777217 bytes is over the limit of 16777216"),
        ([UInt8](repeating: 0x48, count: 300_000), 1002, "reserved bits are set"),
    ])
    func `a peer that breaks the protocol is sent the reason`(bytes: [UInt8], code: UInt16, words: String) async throws
    {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await peer.send(bytes)
            let close = Heard.listen(to: [try await peer.readToEnd()], isServer: true)
            #expect(close == [.close(code, words)])
        }
        let end = code == 1009 ? TransportClose.messageTooLarge(limit: 16 << 20, head: []) : .violation(words)
        #expect(await client?.next() == .closed(end))
    }

    @Test(arguments: [true, false])
    func `the beginning of a message beyond the limit is reported, whole or in fragments`(isWhole: Bool) async throws {
        var client: TestConnection?
        let text = Array(#"{"channel":"allMids","data":{"mids":{"#.utf8)
        let large: [UInt8] = [127, 0, 0, 0, 0, 1, 0, 0, 1]
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await peer.send(isWhole ? [0x81] + large + text : [0x01, UInt8(text.count)] + text + [0x80] + large)
            _ = try await peer.readToEnd()
        }
        #expect(await client?.next() == .closed(.messageTooLarge(limit: 16 << 20, head: text)))
    }

    @Test func `nothing is sent after a close`() async throws {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await client?.perform { connection in
                connection.send(text: Array("last".utf8))
                connection.close(code: .normal, reason: "")
                connection.send(text: Array("lost".utf8))
                connection.sendPing()
                connection.close(code: .goingAway, reason: "twice")
            }
            try await peer.send(RawFrame.close(1000))
            let heard = Heard.listen(to: [try await peer.readToEnd()], isServer: true)
            #expect(heard == [.text("last"), .close(1000, "")])
        }
    }

    @Test func `a stopped listener ends its connections`() async throws {
        let server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        await server.stop()
        #expect(await client.next() == .closed(.lost("the connection ended without a Close frame")))
    }

    /// The end of a client whose peer acts and then closes.
    private func endOfClient(_ act: (inout RawPeer) async throws -> Void) async throws -> TransportClose? {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await act(&peer)
        }
        return await client?.end()
    }
}
