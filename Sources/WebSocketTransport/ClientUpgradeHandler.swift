internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS

/// The client's side of the upgrade (RFC 6455, section 4.1): sends the request, checks the answer, and starts the frame
/// handler.
final class ClientUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let attempt: DialAttempt
    private let encoder: HTTPRequestEncoder
    private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
    private var isAccepted = false
    /// The status of a refusal, and the beginning of its body.
    private var refusal: (status: HTTPResponseStatus, body: [UInt8])?

    init(attempt: DialAttempt, encoder: HTTPRequestEncoder, decoder: ByteToMessageHandler<HTTPResponseDecoder>) {
        self.attempt = attempt
        self.encoder = encoder
        self.decoder = decoder
    }

    func channelActive(context: ChannelHandlerContext) {
        if !attempt.endpoint.isSecure { sendRequest(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(TLSUserEvent.handshakeCompleted) = event as? TLSUserEvent {
            attempt.secured()
            sendRequest(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func sendRequest(_ context: ChannelHandlerContext) {
        var headers = HTTPHeaders([
            ("Host", attempt.endpoint.authority), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
            ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", attempt.key),
        ])
        for (name, value) in attempt.settings.headers { headers.add(name: name, value: value) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: attempt.endpoint.path, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if case .head = part { attempt.headLimit.headArrived() }
        switch part {
        case .head(let head) where head.status != .switchingProtocols: refused(head.status, body: [])
        case .head(let head):
            if let error = problem(with: head) { attempt.fail(error) } else { isAccepted = true }
        case .body(let part):
            guard let (status, body) = refusal else { return }
            refused(status, body: body + part.readableBytesView.prefix(TransportError.bodyByteLimit - body.count))
        case .end:
            if isAccepted { upgrade(context) } else { attempt.failAsRefused() }
        }
    }

    private func refused(_ status: HTTPResponseStatus, body: [UInt8]) {
        refusal = (status, body)
        attempt.refused(TransportError(refusing: attempt.endpoint, status, body: body))
        if body.count >= TransportError.bodyByteLimit { attempt.failAsRefused() }
    }

    private func problem(with head: HTTPResponseHead) -> TransportError? {
        let endpoint = attempt.endpoint
        func names(_ header: String) -> [String] {
            head.headers[canonicalForm: header].map { $0.lowercased() }
        }
        guard names("Upgrade").contains("websocket"), names("Connection").contains("upgrade") else {
            return TransportError(.upgradeInvalid, "\(endpoint) answered 101 but did not upgrade to a WebSocket")
        }
        let accepted = head.headers[canonicalForm: "Sec-WebSocket-Accept"].map(String.init)
        guard accepted == [UpgradeKey.accept(attempt.key)] else {
            return TransportError(.upgradeInvalid, "\(endpoint) answered with a wrong key: it is no WebSocket server")
        }
        guard !head.headers.contains(name: "Sec-WebSocket-Extensions"),
            !head.headers.contains(name: "Sec-WebSocket-Protocol")
        else { return TransportError(.upgradeInvalid, "\(endpoint) agreed to an extension that was not asked for") }
        return nil
    }

    private func upgrade(_ context: ChannelHandlerContext) {
        guard let connection = attempt.finish(context.channel) else { return }
        let frames = FrameHandler(connection: connection, isServer: false, limit: attempt.settings.maxMessageByteCount)
        let pipeline = context.pipeline.syncOperations
        do {
            try pipeline.addHandler(frames, position: .after(self))
        } catch {
            // The channel is closed already.
            return connection.ended()
        }
        pipeline.removeHandler(context: context, promise: nil)
        pipeline.removeHandler(attempt.headLimit, promise: nil)
        pipeline.removeHandler(encoder, promise: nil)
        // Before the decoder is removed, it passes on the bytes that it has read beyond the HTTP message.
        pipeline.removeHandler(decoder).assumeIsolated().whenComplete { _ in frames.start() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // There is none unless the connection is secure and the peer has sent one.
        let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate()
        attempt.fail(TransportError(handshaking: attempt.endpoint, error, certificate: certificate))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        let hint = attempt.endpoint.isSecure ? "" : "; is its address wss://?"
        attempt.fail(
            TransportError(.unreachable, "\(attempt.endpoint) closed the connection before the upgrade\(hint)"))
        context.fireChannelInactive()
    }
}
