import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A TCP proxy that injects the faults of a network between a client and a venue.
final class FaultProxy: Sendable {
    /// What happens to a connection.
    enum Fault: Hashable, Sendable {
        /// Both ends are reset.
        case reset
        /// TCP ends in order, most likely within a frame.
        case end
        /// Nothing more reaches the client. TCP stays open.
        case nothingToClient
        /// Nothing more reaches the venue. TCP stays open.
        case nothingToVenue
        /// Nothing more reaches either end. TCP stays open.
        case halfOpen
        /// What the venue sends waits until it has sent this many bytes more, then all of it comes.
        case stall(byteCount: Int)
        /// What the venue sends comes in pieces of this size.
        case split(byteCount: Int)
    }

    /// What happens to a connection, and when.
    struct Plan: Hashable, Sendable {
        let fault: Fault
        /// The number of bytes that reach the client before.
        let byteCount: Int
    }

    let port: Int
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let connections: NIOLoopBoundBox<[ProxiedConnection]>

    private init(
        channel: any Channel, group: MultiThreadedEventLoopGroup, connections: NIOLoopBoundBox<[ProxiedConnection]>
    ) {
        port = channel.localAddress?.port ?? 0
        self.channel = channel
        self.group = group
        self.connections = connections
    }

    /// Listens in front of a venue.
    ///
    /// - Parameter plan: The fault of a connection by its number, counted from 0; `nil` for none.
    static func start(before port: Int, _ plan: @escaping @Sendable (Int) -> Plan?) async throws -> FaultProxy {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let connections = try await loop.submit { NIOLoopBoundBox([ProxiedConnection](), eventLoop: loop) }.get()
        let channel = try await ServerBootstrap(group: loop)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { client in
                client.eventLoop.makeCompletedFuture {
                    let connection = ProxiedConnection(client: client, plan(connections.value.count))
                    connections.value.append(connection)
                    try client.pipeline.syncOperations.addHandler(End { connection.fromClient($0) })
                    connection.connect(to: port)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FaultProxy(channel: channel, group: group, connections: connections)
    }

    /// The number of connections so far.
    func connectionCount() async throws -> Int {
        let connections = connections
        return try await group.next().submit { connections.value.count }.get()
    }

    func stop() async {
        // Both fail only for what is closed already.
        try? await channel.close()
        try? await group.shutdownGracefully()
    }
}

/// The two halves of a connection. Bound to the proxy's loop.
private final class ProxiedConnection {
    private let client: any Channel
    private var venue: (any Channel)?
    private let plan: FaultProxy.Plan?
    /// What the client sent before the venue was connected.
    private var early: [ByteBuffer] = []
    private var stalled: [ByteBuffer] = []
    private var byteCount = 0
    private var isFaulty = false
    private var isOver = false

    init(client: any Channel, _ plan: FaultProxy.Plan?) {
        self.client = client
        self.plan = plan
    }

    func connect(to port: Int) {
        let connection = NIOLoopBound(self, eventLoop: client.eventLoop)
        ClientBootstrap(group: client.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { venue in
                venue.eventLoop.makeCompletedFuture {
                    try venue.pipeline.syncOperations.addHandler(End { connection.value.fromVenue($0) })
                }
            }
            .connect(host: "127.0.0.1", port: port).assumeIsolated().whenComplete { [self] result in
                guard case .success(let venue) = result, !isOver else { return over() }
                self.venue = venue
                for bytes in early { venue.writeAndFlush(bytes, promise: nil) }
                early = []
            }
    }

    /// The client has sent bytes, or has ended its half (`nil`).
    func fromClient(_ bytes: ByteBuffer?) {
        guard let bytes else { return over() }
        if isFaulty, plan?.fault == .nothingToVenue || plan?.fault == .halfOpen { return }
        guard let venue else { return early.append(bytes) }
        venue.writeAndFlush(bytes, promise: nil)
    }

    /// The venue has sent bytes, or has ended its half (`nil`).
    func fromVenue(_ bytes: ByteBuffer?) {
        // Behind a half-open connection, the client does not see the venue's end either.
        if bytes == nil, isFaulty, plan?.fault == .halfOpen || plan?.fault == .nothingToClient { return }
        guard var bytes else { return over() }
        guard let plan else { return client.writeAndFlush(bytes, promise: nil) }
        if !isFaulty {
            let rest = min(plan.byteCount - byteCount, bytes.readableBytes)
            if let before = bytes.readSlice(length: rest) { client.writeAndFlush(before, promise: nil) }
            byteCount += rest
            isFaulty = byteCount == plan.byteCount
        }
        if isFaulty { inject(plan.fault, bytes) }
    }

    private func inject(_ fault: FaultProxy.Fault, _ bytes: ByteBuffer) {
        var bytes = bytes
        switch fault {
        case .reset:
            for channel in [client, venue].compactMap(\.self) {
                // A linger of zero makes the close a reset.
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in
                    channel.close(promise: nil)
                }
            }
        case .end: over()
        case .nothingToClient, .halfOpen: break
        case .nothingToVenue: client.writeAndFlush(bytes, promise: nil)
        case .stall(let count):
            stalled.append(bytes)
            guard stalled.reduce(0, { $0 + $1.readableBytes }) >= count else { return }
            for bytes in stalled { client.write(bytes, promise: nil) }
            client.flush()
            stalled = []
        case .split(let count):
            while let piece = bytes.readSlice(length: min(count, bytes.readableBytes)), piece.readableBytes > 0 {
                client.writeAndFlush(piece, promise: nil)
            }
        }
    }

    /// One half has ended: the other one ends, too.
    private func over() {
        isOver = true
        client.close(promise: nil)
        venue?.close(promise: nil)
    }
}

/// One end of a proxied connection.
private final class End: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let receive: (ByteBuffer?) -> Void

    init(_ receive: @escaping (ByteBuffer?) -> Void) { self.receive = receive }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { receive(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) { receive(nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
