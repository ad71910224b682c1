package import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// An HTTP request to a listener.
package struct ListenerRequest: Sendable {
    package let method: String
    /// The path with its query.
    package let path: String
    package let body: [UInt8]
}

/// A listener's response to a request.
package struct ListenerResponse: Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]

    package init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// A listener's decision about an upgrade.
package enum UpgradeDecision {
    /// Accepts it; the WebSocket belongs to this delegate.
    case accept(any TransportDelegate)
    /// Refuses it with this HTTP status; the body is `text`, or by default the status in words.
    case refuse(status: Int, text: String? = nil)
    /// Never answers it.
    case stall
}

/// Answers the requests to a listener. Called on the listener's loop only.
package protocol ListenerDelegate: AnyObject {
    /// Decides about a request for a WebSocket.
    func decide(_ upgrade: ListenerRequest) -> UpgradeDecision
    /// Answers any other request.
    func answer(_ request: ListenerRequest) -> ListenerResponse
}

/// An HTTP and WebSocket server, for simulated exchanges and tests.
package final class Listener: Sendable {
    private let channel: any Channel
    private let connections: NIOLoopBound<ConnectionSet>

    private init(channel: any Channel, connections: NIOLoopBound<ConnectionSet>) {
        self.channel = channel
        self.connections = connections
    }

    /// The port on which it listens; 0 once it is closed.
    package var localPort: Int { channel.localAddress?.port ?? 0 }

    /// Opens a listener whose connections and delegate live on `eventLoop`.
    /// - Parameter tls: A certificate chain and its key as PEM, for a secure listener.
    /// - Throws: ``TransportError``, code `certificateUnreadable` if the certificate or its key cannot be read or they do
    ///   not belong together, code `listenFailed` if the address cannot be bound.
    package static func bind(
        host: String, port: Int, on eventLoop: any EventLoop, delegate: NIOLoopBound<any ListenerDelegate>,
        tls: (certificate: String, key: String)? = nil, maxMessageByteCount: Int = 16 << 20,
        closeTimeout: Duration = .seconds(2)
    ) async throws(TransportError) -> Listener {
        // Read once: a bad certificate is an error here, and not a surprise for each client.
        let context: NIOSSLContext?
        if let tls {
            context = try TLS.serverContext(certificate: tls.certificate, key: tls.key)
        } else {
            context = nil
        }
        do {
            let connections = try await eventLoop.submit {
                NIOLoopBound(ConnectionSet(), eventLoop: eventLoop)
            }.get()
            let channel = try await ServerBootstrap(group: eventLoop)
                .serverChannelOption(.backlog, value: 256)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.writeBufferWaterMark, value: .init(low: 1 << 20, high: 4 << 20))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard connections.value.add(channel) else { return channel.close(promise: nil) }
                        if let context {
                            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                        }
                        try ServerUpgradeHandler.add(
                            to: channel, delegate: delegate.value, limit: maxMessageByteCount,
                            closeTimeout: closeTimeout)
                    }
                }
                .bind(host: host, port: port).get()
            return Listener(channel: channel, connections: connections)
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(listeningAt: "\(host):\(port)", error)
        }
    }

    /// Stops listening and closes all connections.
    package func close() async {
        let connections = connections
        // Both fail only if the listener, or the loop, has ended already.
        try? await channel.close()
        try? await channel.eventLoop.submit { connections.value.closeAll() }.get()
    }
}

/// The open connections of a listener. Bound to its loop.
final class ConnectionSet {
    private var channels: [ObjectIdentifier: any Channel] = [:]

    /// The largest number of connections. The exchange allows ten for an address.
    static let limit = 1024

    /// Adds a connection; returns `false` if there are too many.
    func add(_ channel: any Channel) -> Bool {
        guard channels.count < Self.limit else { return false }
        let id = ObjectIdentifier(channel)
        channels[id] = channel
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.channels[id] = nil }
        return true
    }

    func closeAll() {
        for channel in channels.values { channel.close(promise: nil) }
    }
}
