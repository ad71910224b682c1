import NIOCore
import NIOPosix
import WebSocketTransport

/// A server that accepts every upgrade and then sends bytes that are not valid frames.
final class HostileServer: Sendable {
    /// What the server does on one connection after its upgrade.
    enum Act: Sendable {
        /// Sends these bytes.
        case send([UInt8])
        /// Sends these bytes, then closes the connection.
        case sendAndEnd([UInt8])
        /// Answers the upgrade with these words in place of its own, then closes the connection.
        case answer(String)
    }

    let url: String
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    private init(channel: any Channel, group: MultiThreadedEventLoopGroup) {
        url = "ws://127.0.0.1:\(channel.localAddress?.port ?? 0)/ws"
        self.channel = channel
        self.group = group
    }

    /// - Parameters:
    ///   - heads: Is given the head of each upgrade.
    ///   - act: By the connection's number, counted from 0.
    static func start(
        heads: Inbox<String> = Inbox(), _ act: @escaping @Sendable (Int) -> Act
    ) async throws -> HostileServer {
        try await Addresses.unused {
            try await bind(heads, act)
        } url: {
            $0.url
        } stop: {
            await $0.stop()
        }
    }

    private static func bind(_ heads: Inbox<String>, _ act: @escaping @Sendable (Int) -> Act) async throws
        -> HostileServer
    {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let count = try await loop.submit { NIOLoopBoundBox(0, eventLoop: loop) }.get()
        let channel = try await ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(HostileHandler(act(count.value), heads))
                    count.value += 1
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return HostileServer(channel: channel, group: group)
    }

    func stop() async {
        // Both fail only for what is closed already.
        try? await channel.close()
        try? await group.shutdownGracefully()
    }

    /// An unmasked frame whose payload is shorter than 126 bytes, or has a length of two bytes.
    static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length =
            payload.count < 126
            ? [UInt8(payload.count)] : [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        return [0x80 | opcode] + length + payload
    }
}

/// Answers the upgrade, and acts once the client has sent a message.
private final class HostileHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let act: HostileServer.Act
    private var head = ""
    private var isUpgraded = false

    private let heads: Inbox<String>

    init(_ act: HostileServer.Act, _ heads: Inbox<String>) {
        self.act = act
        self.heads = heads
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard !isUpgraded else { return perform(context) }
        head += String(buffer: buffer)
        // A client that begins TLS sends no HTTP, and is answered all the same.
        guard head.hasSuffix("\r\n\r\n") || !head.hasPrefix("GET") else { return }
        isUpgraded = true
        heads.put(head)
        if case .answer(let answer) = act {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            return context.close(promise: nil)
        }
        let key =
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }?
            .split(separator: " ").last ?? ""
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(UpgradeKey.accept(String(key)))\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }

    private func perform(_ context: ChannelHandlerContext) {
        switch act {
        case .send(let bytes): context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .answer: break  // The connection is closed.
        case .sendAndEnd(let bytes):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
            context.close(promise: nil)
        }
    }
}
