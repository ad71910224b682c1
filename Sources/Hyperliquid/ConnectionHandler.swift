internal import HyperliquidEngine
internal import WebSocketTransport

/// One connection's end in the client: turns messages into events and facts. Bound to the client's loop.
final class ConnectionHandler: TransportDelegate {
    let id: ConnectionID
    /// Owned, against the usual rule: the core lets go of a port when its connection ends, and a weaker reference would
    /// be counted up and down for each message.
    let core: ClientCore
    var connection: TransportConnection?
    var dial: DialHandle?
    private(set) var hasOpened = false
    /// Unchecked: no access to it calls anything else.
    @exclusivity(unchecked) private(set) var routes = MessageRouter()
    /// When the engine is next told that the connection lives; it need not know more often than once a second.
    private var nextReport = Instant(nanoseconds: .min)

    init(id: ConnectionID, core: ClientCore) {
        self.id = id
        self.core = core
    }

    func transportOpened(_ connection: TransportConnection) {
        self.connection = connection
        hasOpened = true
        core.startTurn()
        core.notice(.opened(id, address: connection.remoteDescription))
        core.submit(.connectionOpened(id))
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        core.startTurn()
        if let rawMessageHandler = core.rawMessageHandler { rawMessageHandler(text) }
        var reader = MessageReader(text)
        let envelope = reader.readEnvelope()
        switch envelope.kind {
        case .data: route(envelope.channel, &reader)
        case .pong: core.submit(.frameArrived(id))
        case .subscriptionResponse: readAcknowledgement(&reader)
        case .error: readError(&reader)
        case .post: readPost(&reader)
        case .notJSON, .unknown: unsafe core.counters.unroutedCount += 1
        }
        core.count(byteCount: text.count)
    }

    @inline(__always) private func route(_ channelKey: ChannelKey, _ reader: inout MessageReader) {
        if core.now >= nextReport { report() }
        guard let channel = unsafe routes.channel(channelKey) else { return unrouted() }
        let owner = unsafe channel._withUnsafeGuaranteedRef { unsafe dispatcher(on: $0, &reader) }
        guard let owner = unsafe owner else { return unrouted() }
        unsafe owner._withUnsafeGuaranteedRef { deliver(to: $0, &reader) }
    }

    /// Whose message it is.
    @inline(__always)
    private func dispatcher(on channel: MessageRouter.Channel, _ reader: inout MessageReader) -> Unmanaged<
        UpstreamDispatcher
    >? {
        // With one subscription on the channel the key is verified by the decoded event, which saves looking for it.
        if let only = unsafe channel.only, unsafe only._withUnsafeGuaranteedRef({ $0.verifiesKey && !$0.awaitsFirst }) {
            return unsafe only
        }
        return unsafe channel.dispatcher(of: &reader)
    }

    @inline(__always) private func deliver(to dispatcher: UpstreamDispatcher, _ reader: inout MessageReader) {
        if dispatcher.needsCare, !isReady(dispatcher, for: reader) { return }
        hand(to: dispatcher, &reader)
    }

    /// Whether a message that needs care is to be delivered now.
    @inline(never) private func isReady(_ dispatcher: UpstreamDispatcher, for reader: borrowing MessageReader) -> Bool {
        if dispatcher.awaitsFirst {
            // Before the event, so that a gap comes before it.
            dispatcher.awaitsFirst = false
            core.submit(.dataArrived(id, dispatcher.id))
        }
        return dispatcher.admits(reader, from: id, at: core.now)
    }

    /// Delivers what has waited.
    func deliver(_ messages: [[UInt8]], to dispatcher: UpstreamDispatcher) {
        for message in messages { deliver(text: ContiguousArray(message).span, to: dispatcher) }
    }

    private func deliver(text: borrowing Span<UInt8>, to dispatcher: UpstreamDispatcher) {
        var reader = MessageReader(text)
        _ = reader.readEnvelope()
        hand(to: dispatcher, &reader)
    }

    @inline(__always) private func hand(to dispatcher: UpstreamDispatcher, _ reader: inout MessageReader) {
        switch dispatcher.receive(&reader, at: core.wallMilliseconds) {
        case .delivered: if core.now >= dispatcher.nextReport { report(dispatcher) }
        case .notMine: unrouted()
        case .fault: unreadable(dispatcher)
        }
    }

    private func unreadable(_ dispatcher: UpstreamDispatcher) {
        if dispatcher.hasLostBase { core.submit(.baseLost(id, dispatcher.id)) }
        guard let fault = dispatcher.fault else { return }
        core.notice(.undecodable(dispatcher.request, fault, count: dispatcher.traffic.totals.undecodableCount))
    }

    private func report() {
        nextReport = core.now.advanced(by: .seconds(1))
        core.submit(.frameArrived(id))
    }

    private func report(_ dispatcher: UpstreamDispatcher) {
        dispatcher.nextReport = core.now.advanced(by: .seconds(1))
        core.submit(.upstreamTicked(id, dispatcher.id))
    }

    /// Late messages of a subscription that has ended, channels that nobody asked for.
    private func unrouted() { unsafe core.counters.unroutedCount += 1 }

    private func readAcknowledgement(_ reader: inout MessageReader) {
        guard let (kind, echo) = Acknowledgement.read(&reader) else { return unsafe core.counters.unroutedCount += 1 }
        core.submit(.acknowledged(id, kind, echo: echo))
    }

    private func readPost(_ reader: inout MessageReader) {
        guard let response = PostResponse.read(&reader) else { return unrouted() }
        core.postAnswered(response, on: id)
    }

    private func readError(_ reader: inout MessageReader) {
        do throws(DecodingFault) {
            core.submit(.errorArrived(id, VenueError(text: try reader.readString())))
        } catch {
            unsafe core.counters.unroutedCount += 1
        }
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
        unsafe core.counters.unroutedCount += 1
    }

    func transportReadCompleted(_ connection: TransportConnection) { core.endTurn() }

    func transportPonged(_ connection: TransportConnection) {}

    func transportWritabilityChanged(_ connection: TransportConnection) {}

    func transportClosed(_ reason: TransportClose) {
        connection = nil
        dial = nil
        core.startTurn()
        core.connectionEnded(self, CloseReason(reason))
        core.endTurn()
    }

    /// Closes the connection in order, or gives up the dial; `transportClosed` follows.
    func close() {
        if let connection {
            connection.close(code: .normal, reason: "")
        } else {
            dial?.cancel()
        }
    }

    func add(_ dispatcher: UpstreamDispatcher) { unsafe routes.add(dispatcher) }

    func remove(_ dispatcher: UpstreamDispatcher) { unsafe routes.remove(dispatcher) }

    func send(_ message: Engine.Message) {
        var writer = JSONWriter()
        message.write(to: &writer)
        send(text: writer.bytes)
    }

    func send(text: [UInt8]) {
        connection?.send(text: text)
    }
}
