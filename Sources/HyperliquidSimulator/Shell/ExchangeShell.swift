internal import HyperliquidWire
internal import NIOCore
internal import WebSocketTransport

/// Serves an exchange on real sockets: tells it what happens, and performs its effects. Bound to its event loop.
final class ExchangeShell: ListenerDelegate {
    private var exchange: Exchange
    private let speed: Double
    private let eventLoop: any EventLoop
    private let startedAt: NIODeadline
    /// The exchange's own time if it only moves in steps; `nil` if it runs.
    private var steppedTime: Instant?
    /// The callers that wait until clients have received everything, each with the connections that it waits for.
    private var settlements: [Settlement] = []
    private var lastSettlement = 0

    private struct Settlement {
        let number: Int
        var waiting: Set<Exchange.ConnectionID>
        let done: () -> Void
    }

    /// How long a client that answers no ping is waited for.
    private static let settlementTimeout = TimeAmount.seconds(10)
    private var handlers: [Exchange.ConnectionID: ClientConnectionHandler] = [:]
    private var lastConnection: UInt64 = 0
    private var inputs: [Exchange.Input] = []
    private var effects: [Exchange.Effect] = []
    private var turns = TurnScheduler()
    private var timer: Scheduled<Void>?
    private var isStopped = false

    /// The largest number of bytes that may wait to be sent to one client. A slower reader is dropped, as at the venue.
    private static let pendingByteLimit = 64 << 20

    init(configuration: ExchangeConfiguration, eventLoop: any EventLoop) {
        var configuration = configuration
        if configuration.isStepped {
            steppedTime = .start
            configuration.answerDelay = .zero
            configuration.postDelay = .zero ... .zero
        } else if configuration.startMilliseconds == nil {
            configuration.startMilliseconds = SystemClock.wallMilliseconds
        }
        exchange = Exchange(configuration: configuration)
        speed = configuration.speed
        self.eventLoop = eventLoop
        startedAt = .now()
    }

    /// The exchange's own time: the event loop's, times the configured speed; or that of the last step.
    private var now: Instant {
        steppedTime ?? Instant(nanoseconds: Int64(Double((.now() - startedAt).nanoseconds) * speed))
    }

    /// The venue's time, in milliseconds since 1970.
    var milliseconds: Int64 { exchange.milliseconds(at: now) }

    // MARK: Steps

    /// Moves the time forward: everything that falls due happens at its own time.
    func step(by duration: Duration) {
        let end = now.advanced(by: duration)
        while let deadline = exchange.deadline, deadline < end {
            steppedTime = max(deadline, now)
            submit(.woke)
        }
        steppedTime = end
        submit(.woke)
    }

    /// Calls `done` once every client has received what was sent to it: after the answer to a ping.
    func settle(_ done: @escaping () -> Void) {
        let open = handlers.filter { $0.value.connection != nil }
        guard !open.isEmpty else { return done() }
        lastSettlement += 1
        let number = lastSettlement
        settlements.append(Settlement(number: number, waiting: Set(open.keys), done: done))
        for handler in open.values { handler.connection?.sendPing() }
        _ = eventLoop.assumeIsolated().scheduleTask(in: Self.settlementTimeout) { [self] in
            guard let index = settlements.firstIndex(where: { $0.number == number }) else { return }
            settlements.remove(at: index).done()
        }
    }

    /// Notes that a client has received everything up to its oldest ping, or is gone.
    func received(_ id: Exchange.ConnectionID, isGone: Bool = false) {
        for index in settlements.indices {
            guard settlements[index].waiting.remove(id) != nil, !isGone else { continue }
            break
        }
        let done = settlements.filter(\.waiting.isEmpty)
        settlements.removeAll(where: \.waiting.isEmpty)
        for settlement in done { settlement.done() }
    }

    /// Reports an input to the exchange, which acts on each input immediately. After the last one, the timer is set.
    func submit(_ input: Exchange.Input) {
        guard !isStopped else { return }
        guard turns.submitFact() == .takeIn else { return inputs.append(input) }
        takeIn(input)
        var position = 0
        while position < inputs.count {
            position += 1
            takeIn(inputs[position - 1])
        }
        inputs.removeAll(keepingCapacity: true)
        guard turns.endTakingIn() == .step else { return }
        turns.beginStep()
        turns.endStep()
        arm()
    }

    private func takeIn(_ input: Exchange.Input) {
        effects.removeAll(keepingCapacity: true)
        exchange.handle(input, at: now, into: &effects)
        turns.tookIn(isNews: false)
        for effect in effects { perform(effect) }
    }

    private func arm() {
        timer?.cancel()
        timer = nil
        guard steppedTime == nil, let deadline = exchange.deadline else { return }
        let wait = max(now.duration(to: deadline) / speed, .zero)
        let amount = TimeAmount.nanoseconds(Int64(wait / .nanoseconds(1)))
        timer = eventLoop.assumeIsolated().scheduleTask(in: amount) { self.submit(.woke) }
    }

    private func perform(_ effect: Exchange.Effect) {
        switch effect {
        case .send(let id, let bytes, of: _): send(bytes, to: id)
        case .close(let id, let code, let reason):
            handlers[id]?.connection?.close(code: CloseCode(rawValue: code), reason: reason)
        case .drop(let id): handlers[id]?.connection?.abort()
        }
    }

    private func send(_ bytes: [UInt8], to id: Exchange.ConnectionID) {
        guard let connection = handlers[id]?.connection else { return }
        connection.send(text: bytes)
        if connection.pendingByteCount > Self.pendingByteLimit { connection.abort() }
    }

    func closed(_ id: Exchange.ConnectionID) {
        handlers[id] = nil
        received(id, isGone: true)
        submit(.closed(id))
    }

    func stop() {
        isStopped = true
        for settlement in settlements { settlement.done() }
        settlements = []
        timer?.cancel()
        timer = nil
    }

    /// Sends a message to the subscribers of a feed. Returns `false` if the exchange does not serve the feed.
    func publish(_ message: [UInt8], on request: FeedRequest) -> Bool {
        guard exchange.verdict(on: request) == .served else { return false }
        submit(.published(request, message))
        return true
    }

    // MARK: Requests

    func decide(_ upgrade: ListenerRequest) -> UpgradeDecision {
        let path = upgrade.path.prefix { $0 != "?" }
        guard path == "/ws" || path == "/explorer" else { return .refuse(status: 404) }
        lastConnection += 1
        let id = Exchange.ConnectionID(lastConnection)
        switch exchange.admit(id, at: now) {
        case .refuse(let status): return .refuse(status: status)
        case .stall: return .stall
        case .accept:
            let handler = ClientConnectionHandler(id: id, endpoint: path == "/ws" ? .api : .explorer, shell: self)
            handlers[id] = handler
            return .accept(handler)
        }
    }

    func answer(_ request: ListenerRequest) -> ListenerResponse {
        let path = request.path.prefix { $0 != "?" }
        guard path == "/info" || path == "/exchange" else {
            return ListenerResponse(status: 404, contentType: "text/plain", body: Array("Not Found".utf8))
        }
        guard request.method == "POST" else {
            return ListenerResponse(status: 405, contentType: "text/plain", body: Array("Method Not Allowed".utf8))
        }
        guard path == "/info" else {
            let address = "0x" + String(repeating: "11", count: 20)
            return ListenerResponse(
                status: 200, contentType: "application/json", body: Exchange.refusedAction(address: address))
        }
        let (status, body) = exchange.answer(infoBody: request.body, at: now)
        return ListenerResponse(
            status: status, contentType: status == 200 ? "application/json" : "text/plain", body: body)
    }
}

/// Tells the shell what happens on one client's connection. Bound to its event loop.
final class ClientConnectionHandler: TransportDelegate {
    private let id: Exchange.ConnectionID
    private let endpoint: EndpointKind
    private unowned let shell: ExchangeShell
    private(set) var connection: TransportConnection?

    init(id: Exchange.ConnectionID, endpoint: EndpointKind, shell: ExchangeShell) {
        self.id = id
        self.endpoint = endpoint
        self.shell = shell
    }

    func transportOpened(_ connection: TransportConnection) {
        self.connection = connection
        shell.submit(.opened(id, endpoint))
    }

    func transportReceived(text: borrowing Span<UInt8>, on connection: TransportConnection) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        for index in text.indices { bytes.append(text[index]) }
        shell.submit(.text(id, bytes))
    }

    func transportReceived(binary: borrowing Span<UInt8>, on connection: TransportConnection) {
        // That the venue closes the connection is inferred, not observed (docs/protocol.md, "Closes").
        connection.close(code: .unsupportedData, reason: "text messages only")
    }

    func transportReadCompleted(_ connection: TransportConnection) {}

    func transportPonged(_ connection: TransportConnection) { shell.received(id) }

    func transportWritabilityChanged(_ connection: TransportConnection) {}

    func transportClosed(_ reason: TransportClose) {
        connection = nil
        shell.closed(id)
    }
}
