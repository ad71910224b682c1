package import NIOCore
package import NIOHTTP1

/// The server's side of the upgrade: answers requests one after the other, and turns an accepted one into a WebSocket.
package final class ServerUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundOut = HTTPServerResponsePart

    private let delegate: any ListenerDelegate
    private let limit: Int
    private let closeTimeout: Duration
    private let encoder: HTTPResponseEncoder
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isOver = false
    private let headLimit: HeadLimitHandler
    /// Ends the connection if no request is complete in time.
    private var requestTimer: Scheduled<Void>?

    /// How long a client may take for a request, and wait before the next one.
    package static let requestTimeout = Duration.seconds(30)
    private static let maximumBodyByteCount = 1 << 20

    private init(
        delegate: any ListenerDelegate, limit: Int, closeTimeout: Duration, encoder: HTTPResponseEncoder,
        decoder: ByteToMessageHandler<HTTPRequestDecoder>, headLimit: HeadLimitHandler
    ) {
        self.delegate = delegate
        self.limit = limit
        self.closeTimeout = closeTimeout
        self.encoder = encoder
        self.decoder = decoder
        self.headLimit = headLimit
    }

    package static func add(
        to channel: any Channel, delegate: any ListenerDelegate, limit: Int, closeTimeout: Duration
    ) throws {
        let encoder = HTTPResponseEncoder()
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
        let pipeline = channel.pipeline.syncOperations
        let headLimit = HeadLimitHandler()
        try pipeline.addHandler(headLimit)
        try pipeline.addHandlers(encoder, decoder)
        try pipeline.addHandler(
            ServerUpgradeHandler(
                delegate: delegate, limit: limit, closeTimeout: closeTimeout, encoder: encoder, decoder: decoder,
                headLimit: headLimit))
    }

    package func handlerAdded(context: ChannelHandlerContext) { awaitRequest(context) }

    package func handlerRemoved(context: ChannelHandlerContext) { requestTimer?.cancel() }

    private func awaitRequest(_ context: ChannelHandlerContext) {
        requestTimer?.cancel()
        let channel = context.channel
        requestTimer = context.eventLoop.assumeIsolated().scheduleTask(in: Self.requestTimeout.timeAmount) {
            channel.close(promise: nil)
        }
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            headLimit.headArrived()
            self.head = head
            body = []
        case .body(let buffer):
            guard body.count + buffer.readableBytes <= Self.maximumBodyByteCount else {
                return refuse(context, 413)
            }
            body.append(contentsOf: buffer.readableBytesView)
        case .end:
            headLimit.headExpected()
            awaitRequest(context)
            if let head { handle(head, context) }
            head = nil
        }
    }

    private func handle(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let request = ListenerRequest(method: head.method.rawValue, path: head.uri, body: body)
        let upgrades = head.headers[canonicalForm: "Upgrade"].contains { $0.lowercased() == "websocket" }
        // A client that asks again and again and does not read the answers would fill our memory with them.
        guard context.channel.isWritable else { return end(context) }
        guard upgrades else {
            let response = delegate.answer(request)
            return respond(context, response, keepsAlive: head.isKeepAlive)
        }
        let isConnectionUpgraded = head.headers[canonicalForm: "Connection"].contains { $0.lowercased() == "upgrade" }
        guard head.method == .GET, head.version == .http1_1, isConnectionUpgraded, head.headers.contains(name: "Host")
        else { return refuse(context, 400) }
        guard head.headers.first(name: "Sec-WebSocket-Version") == "13" else {
            return refuse(context, 426, nil, [("Sec-WebSocket-Version", "13")])
        }
        guard let key = head.headers.first(name: "Sec-WebSocket-Key"), UpgradeKey.isValid(key) else {
            return refuse(context, 400)
        }
        switch delegate.decide(request) {
        case .accept(let delegate): upgrade(context, key, delegate)
        case .refuse(let status, let text): refuse(context, status, text)
        case .stall:
            isOver = true
            requestTimer?.cancel()
        }
    }

    private func respond(_ context: ChannelHandlerContext, _ response: ListenerResponse, keepsAlive: Bool) {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: response.status))
        head.headers.add(name: "Content-Type", value: response.contentType)
        head.headers.add(name: "Content-Length", value: "\(response.body.count)")
        if !keepsAlive { head.headers.add(name: "Connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: response.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        if !keepsAlive { end(context) }
    }

    private func refuse(
        _ context: ChannelHandlerContext, _ status: Int, _ text: String? = nil, _ headers: [(String, String)] = []
    ) {
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
        let text = text ?? head.status.reasonPhrase
        for (name, value) in headers { head.headers.add(name: name, value: value) }
        head.headers.add(name: "Content-Length", value: "\(text.utf8.count)")
        head.headers.add(name: "Connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        end(context)
    }

    private func end(_ context: ChannelHandlerContext) {
        isOver = true
        context.close(promise: nil)
    }

    private func upgrade(_ context: ChannelHandlerContext, _ key: String, _ delegate: any TransportDelegate) {
        isOver = true
        let headers = HTTPHeaders([
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", UpgradeKey.accept(key)),
        ])
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        let pipeline = context.pipeline.syncOperations
        pipeline.removeHandler(encoder, promise: nil)
        pipeline.removeHandler(headLimit, promise: nil)
        let connection = TransportConnection(
            channel: context.channel, delegate: delegate, isServer: true, closeTimeout: closeTimeout)
        let frames = FrameHandler(connection: connection, isServer: true, limit: limit)
        do {
            try pipeline.addHandler(frames, position: .after(self))
        } catch {
            // The channel is closed already.
            return connection.ended()
        }
        pipeline.removeHandler(context: context, promise: nil)
        // Before the decoder is removed, it passes on the bytes that it has read beyond the HTTP message.
        pipeline.removeHandler(decoder).assumeIsolated().whenComplete { _ in frames.start() }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The input is not HTTP, or the TLS handshake has failed, so there is no peer to answer.
        context.close(promise: nil)
    }
}

/// Bounds the bytes of an HTTP head, because NIO's decoder collects any number of lines.
package final class HeadLimitHandler: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer

    /// The largest number of bytes before a head is complete. The heads of real servers have some 1000.
    package static let byteLimit = 64 << 10

    private var byteCount = 0
    private var isWaiting = true

    /// Notes that a head is complete: what follows is bounded elsewhere.
    func headArrived() { isWaiting = false }

    /// Notes that the next bytes belong to a head.
    func headExpected() {
        isWaiting = true
        byteCount = 0
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        byteCount += unwrapInboundIn(data).readableBytes
        // The bytes are passed on first, because those behind a head do not count.
        context.fireChannelRead(data)
        guard isWaiting, byteCount > Self.byteLimit else { return }
        context.fireErrorCaught(HTTPParserError.headerOverflow)
        context.close(promise: nil)
    }
}
