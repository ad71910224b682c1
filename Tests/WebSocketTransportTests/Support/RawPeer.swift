import NIOCore
import NIOPosix
import WebSocketTransport

/// A peer that sends raw bytes, including those that no WebSocket library would send.
struct RawPeer {
    typealias Socket = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let socket: Socket
    private var reads: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let writes: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var received: [UInt8] = []

    private init(
        _ socket: Socket, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.socket = socket
        reads = inbound.makeAsyncIterator()
        writes = outbound
    }

    /// Runs `body` with a connection to a listener of ours.
    static func connect(
        port: Int, _ body: (inout RawPeer) async throws -> Void
    ) async throws {
        let socket = try await ClientBootstrap(group: otherLoop)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Socket(wrappingChannelSynchronously: channel) }
            }
        try await socket.executeThenClose { inbound, outbound in
            var peer = RawPeer(socket, inbound, outbound)
            try await body(&peer)
        }
    }

    /// Listens for one connection; `dial` is given the port, `body` the accepted connection.
    static func listen(
        dial: (Int) async throws -> Void, _ body: (inout RawPeer) async throws -> Void
    ) async throws {
        let server = try await ServerBootstrap(group: otherLoop)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Socket(wrappingChannelSynchronously: channel) }
            }
        try await server.executeThenClose { accepted in
            try await dial(server.channel.localAddress?.port ?? 0)
            var connections = accepted.makeAsyncIterator()
            guard let socket = try await connections.next(isolation: #isolation) else { return }
            try await socket.executeThenClose { inbound, outbound in
                var peer = RawPeer(socket, inbound, outbound)
                try await body(&peer)
            }
        }
    }

    func send(_ bytes: [UInt8]) async throws { try await writes.write(ByteBuffer(bytes: bytes)) }

    func send(_ frames: RawFrame...) async throws { try await send(frames.flatMap(\.bytes)) }

    /// The next `count` bytes, fewer only where the connection ends.
    mutating func read(_ count: Int) async throws -> [UInt8] {
        while received.count < count, let buffer = try await reads.next(isolation: #isolation) {
            received += Array(buffer.readableBytesView)
        }
        defer { received.removeFirst(min(count, received.count)) }
        return Array(received.prefix(count))
    }

    /// All bytes until the connection ends.
    mutating func readToEnd() async throws -> [UInt8] { try await read(.max) }

    /// An HTTP head with its empty line.
    mutating func readHead() async throws -> String {
        while !String(decoding: received, as: UTF8.self).contains("\r\n\r\n"),
            let buffer = try await reads.next(isolation: #isolation)
        {
            received += Array(buffer.readableBytesView)
        }
        let text = String(decoding: received, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return text }
        let head = String(text[..<end.upperBound])
        received.removeFirst(head.utf8.count)
        return head
    }

    /// Reads the client's request and answers it as a server should.
    mutating func acceptUpgrade(then frames: [UInt8] = []) async throws {
        let head = try await readHead()
        let key = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key: ") }
        try await send(Self.answer(to: String(key?.dropFirst(19) ?? "")) + frames)
    }

    static func answer(to key: String) -> [UInt8] {
        Array(
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(UpgradeKey.accept(key))\r\n\r\n").utf8)
    }

    /// Sends a client's request and reads the answer.
    mutating func upgrade() async throws -> String {
        try await send(Self.request)
        return try await readHead()
    }

    static let request = Array(
        ("GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8)
}
