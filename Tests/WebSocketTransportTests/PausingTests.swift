import NIOCore
import TestPacing
import Testing
import WebSocketTransport

/// Reading stops when the owner says so, and no message is lost.
@Suite("Pausing", .overLoopback, .timeLimit(.minutes(30))) struct PausingTests {
    @Test func `a paused connection delivers nothing more, not even of the same read`() async throws {
        var client: TestConnection?
        try await RawPeer.listen(
            dial: {
                client = try await TestConnection.dial("ws://127.0.0.1:\($0)/") { connection, event in
                    if case .text = event { connection.pauseReading() }
                }
            }
        ) { peer in
            try await peer.acceptUpgrade()
            #expect(await client?.next() == .opened)
            try await peer.send(.text("one"), .text("two"), .text("three"))
            for expected in ["one", "two", "three"] {
                #expect(await client?.next() == .text(Array(expected.utf8)))
                try await client?.perform { $0.resumeReading() }
            }
        }
    }

    @Test func `a paused reader holds back its peer, and gets everything in order later`() async throws {
        let count = 200
        let text = String(repeating: "x", count: 100_000)
        var server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url, on: otherLoop) { connection, event in
            if event == .opened { connection.pauseReading() }
        }
        #expect(await client.next() == .opened)
        var accepted = try #require(await server.accepted())
        #expect(await accepted.next() == .opened)
        try await accepted.perform { connection in
            for index in 0..<count { connection.send(text: Array("\(index) \(text)".utf8)) }
        }
        // 20 MB do not fit in the sockets' buffers: the rest waits at the sender while the peer does not read.
        try await accepted.perform { #expect($0.pendingByteCount > 5_000_000) }
        try await client.perform { $0.resumeReading() }
        for index in 0..<count { #expect(await client.next() == .text(Array("\(index) \(text)".utf8))) }
        try await accepted.perform { #expect($0.pendingByteCount == 0) }
        await server.stop()
    }

    @Test func `a paused connection can be closed in order`() async throws {
        var server = try await RunningServer.start(.silent)
        var settings = DialSettings.patient
        settings.closeTimeout = .seconds(3600)
        var client = try await TestConnection.dial(server.url, settings: settings)
        #expect(await client.next() == .opened)
        var accepted = try #require(await server.accepted())
        try await client.perform { connection in
            connection.pauseReading()
            connection.close(code: .normal, reason: "")
        }
        #expect(await client.next() == .closed(.byUs))
        #expect(await accepted.end() == .byPeer(code: 1000, reason: ""))
        await server.stop()
    }

    @Test func `a resume after the end does nothing`() async throws {
        var server = try await RunningServer.start(.silent)
        var client = try await TestConnection.dial(server.url)
        #expect(await client.next() == .opened)
        let accepted = try #require(await server.accepted())
        try await client.perform { connection in
            connection.pauseReading()
            connection.resumeReading()
            connection.abort()
        }
        #expect(await client.next() == .closed(.byUs))
        #expect(await client.next() == nil)
        _ = accepted
        await server.stop()
    }

    @Test func `a peer that pings and does not read makes us keep one pong`() async throws {
        var server = try await RunningServer.start(.silent)
        try await RawPeer.connect(port: server.port) { peer in
            _ = try await peer.upgrade()
            var accepted = try #require(await server.accepted())
            #expect(await accepted.next() == .opened)
            try await accepted.perform { connection in
                for _ in 0..<120 { connection.send(text: [UInt8](repeating: 0x61, count: 100_000)) }
            }
            // Each of these would wait behind 12 MB that the peer has not read.
            for index in 0..<1000 {
                try await peer.send(RawFrame(opcode: 9, payload: Array("\(index)".utf8)).masked())
            }
            try await peer.send(RawFrame.text("done").masked())
            #expect(await accepted.next() == .text(Array("done".utf8)))
            _ = try await peer.read(120 * 100_010)
            #expect(try await peer.read(5) == RawFrame(opcode: 10, payload: Array("999".utf8)).bytes)
        }
        await server.stop()
    }
}
