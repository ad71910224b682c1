internal import HyperliquidEngine
internal import NIOCore
internal import WebSocketTransport

/// One connection of the client, from dial to close: its socket, and the ``MessageReceiver`` of its messages.
/// Bound to the client's loop.
final class ConnectionHandler: MessageReceiver<ClientRuntime>, TransportDelegate {
    private var connection: TransportConnection?
    private var dial: DialHandle?
    private(set) var hasOpened = false
    /// Which of the network's addresses it dials.
    private(set) var endpoint = EndpointKind.api

    /// Whether messages can be sent.
    var isOpen: Bool { connection != nil }

    // MARK: Commands

    /// Dials; `transportOpened` or `transportClosed` follows.
    /// - Throws: ``TransportError`` if the address is invalid; neither of them follows then.
    func dial(
        _ endpoint: EndpointKind, at address: String, _ settings: DialSettings, on eventLoop: any EventLoop
    ) throws(TransportError) {
        self.endpoint = endpoint
        var randomness = SystemRandomness()
        dial = Dialer.dial(
            try Endpoint(address), settings: settings, on: eventLoop, delegate: self, randomness: &randomness)
    }

    /// Closes the connection in order, or cancels the dial; `transportClosed` follows.
    func close() {
        if let connection {
            connection.close(code: .normal, reason: "")
        } else {
            dial?.cancel()
        }
    }

    /// Sends a message of the engine.
    func send(_ message: Engine.Message) {
        sending(message)
        var writer = JSONWriter()
        message.write(to: &writer)
        send(text: writer.bytes)
    }

    /// Sends a text message; does nothing if the connection is not open.
    func send(text: [UInt8]) {
        connection?.send(text: text)
    }

    // MARK: Events

    func transportOpened(_ connection: TransportConnection) {
        self.connection = connection
        hasOpened = true
        owner.startTurn()
        owner.dialSucceeded(self)
        owner.report(.connectionOpened(id, address: connection.remoteDescription))
        owner.submit(.connectionOpened(id))
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        owner.startTurn()
        if let rawMessageHandler = owner.rawMessageHandler { rawMessageHandler(text) }
        receive(text)
        owner.count(byteCount: text.count)
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
        owner.countUnrouted()
    }

    func transportReadCompleted(_ connection: TransportConnection) {
        // A read that completed no message has begun no turn.
        owner.startTurn()
        receiveBytes()
        owner.endTurn()
    }

    /// Does nothing. The client pings with the venue's JSON message and never sends a ping frame.
    func transportPonged(_ connection: TransportConnection) {}

    /// Does nothing. The rate limits keep requests few, and requests are small.
    func transportWritabilityChanged(_ connection: TransportConnection) {}

    func transportClosed(_ reason: TransportClose) {
        connection = nil
        dial = nil
        owner.startTurn()
        owner.connectionEnded(self, reason)
        owner.endTurn()
    }
}

extension DialSettings {
    /// The settings of a client's dials. The timeouts are those of the engine, which the simulated world uses too.
    init(_ configuration: ClientConfiguration, _ engine: EngineConfiguration) {
        self.init()
        totalTimeout = engine.dialTimeout
        closeTimeout = engine.closeTimeout
        maxMessageByteCount = configuration.messageByteLimit
        headers = ClientIdentity.headers(with: configuration.headers)
        tls = configuration.tls
    }
}

/// How this package introduces itself to a server.
package enum ClientIdentity {
    /// The version of the package.
    package static let version = "0.1.0"

    /// The headers of each upgrade: those that the user has set, and the name of the client if they have none. Some
    /// servers refuse a request without one.
    package static func headers(with others: [String: String] = [:]) -> [(name: String, value: String)] {
        let set = others.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        if set.contains(where: { $0.name.lowercased() == "user-agent" }) { return set }
        return [(name: "User-Agent", value: "swift-hyperliquid/\(version)")] + set
    }
}

extension CloseReason {
    /// The reason for the engine.
    ///
    /// - Parameter senders: The upstream subscriptions to which a message beyond the size limit may belong; `nil` if
    ///   nothing is known of it.
    init(_ close: TransportClose, senders: [UpstreamID]? = nil) {
        switch close {
        case .byPeer(let code, let reason): self = .closedByVenue(code: code ?? 1005, reason: reason)
        case .byUs: self = .closedByUs
        case .lost(let why): self = .broken(why)
        case .violation(let what): self = .protocolViolation(what)
        case .messageTooLarge(let limit, _): self = .messageTooLarge(limit: limit, from: senders)
        case .failed(let error): self = .dialFailed(error.message, httpStatus: error.httpStatus)
        }
    }
}
