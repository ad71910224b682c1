import NIOCore
import TestPacing
import Testing
import WebSocketTransport

/// Connections over real sockets, between our two sides and with raw peers.
@Suite("Over loopback", .overLoopback, .timeLimit(.minutes(30))) struct LoopbackTests {
    @Test(arguments: [0, 1, 125, 126, 65535, 65536, 300_000, 3 << 20])
    func `a message of any size comes back from an echo`(count: Int) async throws {
        let server = try await RunningServer.start(.echo)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        let text = (0..<count).map { UInt8(0x20 + $0 % 90) }
        try await client.perform { $0.send(text: text) }
        #expect(await client.next() == .text(text))
        let binary = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await client.perform { $0.send(binary: binary) }
        #expect(await client.next() == .binary(binary))
        try await client.perform { $0.close(code: .normal, reason: "done") }
        #expect(await client.next() == .closed(.byUs))
        #expect(await client.next() == nil)
        await server.stop()
    }

    @Test func `messages of one turn are sent with one write, in order`() async throws {
        var seen: TestConnection?
        try await RawPeer.listen(dial: { seen = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            #expect(await seen?.next() == .opened)
            try await seen?.perform { connection in
                for index in 0..<100 { connection.send(text: Array("\(index)".utf8)) }
                #expect(connection.pendingByteCount == 10 * 7 + 90 * 8)
            }
            var bytes = try await peer.read(10 * 7 + 90 * 8)
            var heard: [Heard] = []
            heard = Heard.listen(to: [bytes], isServer: true)
            #expect(heard == (0..<100).map { .text("\($0)") })
            bytes = []
        }
    }

    @Test func `a peer's fragments arrive as one message, with its pings answered between`() async throws {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            try await peer.send(
                .text("{\"a\"", final: false), RawFrame(opcode: 9, payload: Array("hi".utf8)),
                .continuation(":1", final: false), .continuation("}", final: true))
            #expect(await client?.next() == .opened)
            #expect(await client?.next() == .text(Array("{\"a\":1}".utf8)))
            let pong = try await peer.read(8)
            #expect(pong[..<2] == [0x8a, 0x82])
            #expect(zip(pong[6...], [pong[2], pong[3]]).map { $0 ^ $1 } == Array("hi".utf8))
        }
    }

    @Test func `frames in the same write as the answer to the upgrade are not lost`() async throws {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade(then: RawFrame.text("first").bytes + RawFrame.text("second").bytes)
            #expect(await client?.next() == .opened)
            #expect(await client?.next() == .text(Array("first".utf8)))
            #expect(await client?.next() == .text(Array("second".utf8)))
        }
    }

    @Test func `frames that come byte by byte are assembled`() async throws {
        var client: TestConnection?
        try await RawPeer.listen(dial: { client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") }) { peer in
            try await peer.acceptUpgrade()
            let text = String(repeating: "drip ", count: 40)
            for byte in RawFrame.text(text).bytes + RawFrame.text("end").bytes { try await peer.send([byte]) }
            #expect(await client?.next() == .opened)
            #expect(await client?.next() == .text(Array(text.utf8)))
            #expect(await client?.next() == .text(Array("end".utf8)))
        }
    }

    @Test func `a ping is answered by the peer`() async throws {
        let server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        try await client.perform { $0.sendPing() }
        #expect(await client.next() == .ponged)
        await server.stop()
    }

    @Test func `a listener answers plain requests beside its WebSockets`() async throws {
        let server = try await RunningServer.start(.echo)
        try await RawPeer.connect(port: server.port) { peer in
            try await peer.send(Array("POST /info HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".utf8))
            let head = try await peer.readHead()
            #expect(head.hasPrefix("HTTP/1.1 200"))
            let body = try await peer.read(12)
            #expect(body == Array("POST /infohi".utf8))
        }
        await server.stop()
    }
}
