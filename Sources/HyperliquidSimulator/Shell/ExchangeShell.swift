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
    private let delivery: SteppedDelivery
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
        delivery = SteppedDelivery(eventLoop: eventLoop)
        delivery.shell = self
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

    /// Calls `done` once the clients have received everything that was sent.
    func whenDelivered(_ done: @escaping () -> Void) { delivery.whenDone(done) }

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
        guard steppedTime == nil else { return delivery.add(effects) }
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

    fileprivate func perform(_ effect: Exchange.Effect) {
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

    func pongArrived(_ id: Exchange.ConnectionID) { delivery.received(id) }

    func closed(_ id: Exchange.ConnectionID) {
        handlers[id] = nil
        delivery.received(id)
        submit(.closed(id))
    }

    /// Asks a client to confirm that it has received everything; `false` if its connection has ended.
    fileprivate func ping(_ id: Exchange.ConnectionID) -> Bool {
        guard let connection = handlers[id]?.connection else { return false }
        connection.sendPing()
        return true
    }

    func stop() {
        isStopped = true
        delivery.stop()
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
        let (status, body) =
            path == "/info"
            ? exchange.answer(infoBody: request.body, at: now) : exchange.answerAction(at: now)
        return ListenerResponse(
            status: status, contentType: status == 200 ? "application/json" : "text/plain", body: body)
    }
}

/// Performs the effects of a stepped exchange one connection after the other, so that the messages of different
/// connections come in the same order each time. Bound to the shell's event loop.
private final class SteppedDelivery {
    weak var shell: ExchangeShell?
    private let eventLoop: any EventLoop
    private var queue: ArraySlice<Exchange.Effect> = []
    /// The connection that was sent something and has not confirmed it.
    private var current: Exchange.ConnectionID?
    /// The number of the ping whose answer is awaited; `nil` if none is.
    private var awaited: Int?
    private var lastPing = 0
    private var whenDone: [() -> Void] = []

    /// How long a client that answers no ping is waited for.
    private static let timeout = TimeAmount.seconds(10)

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Adds effects to those that are performed next.
    func add(_ effects: [Exchange.Effect]) {
        queue += effects
        deliver()
    }

    /// Calls `done` once everything has been performed and received.
    func whenDone(_ done: @escaping () -> Void) {
        whenDone.append(done)
        deliver()
    }

    /// Notes that a client has answered a ping, or is gone.
    func received(_ id: Exchange.ConnectionID) {
        guard id == current else { return }
        (current, awaited) = (nil, nil)
        deliver()
    }

    func stop() {
        (queue, current, awaited) = ([], nil, nil)
        deliver()
    }

    private func deliver() {
        while awaited == nil, let effect = queue.first {
            if let current, current != effect.connection, confirms(current) { return }
            current = effect.connection
            queue.removeFirst()
            shell?.perform(effect)
        }
        guard awaited == nil, !whenDone.isEmpty else { return }
        if let current, confirms(current) { return }
        let done = whenDone
        whenDone = []
        for action in done { action() }
    }

    /// Asks a client to confirm what it was sent; `false` if it is gone.
    private func confirms(_ id: Exchange.ConnectionID) -> Bool {
        guard shell?.ping(id) == true else { return false }
        lastPing += 1
        let ping = lastPing
        awaited = ping
        _ = eventLoop.assumeIsolated().scheduleTask(in: Self.timeout) { [weak self] in
            guard let self, awaited == ping else { return }
            received(id)
        }
        return true
    }
}

extension Exchange.Effect {
    /// The connection that the effect is for.
    fileprivate var connection: Exchange.ConnectionID {
        switch self {
        case .send(let id, _, of: _), .close(let id, code: _, reason: _), .drop(let id): id
        }
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

    func transportPonged(_ connection: TransportConnection) { shell.pongArrived(id) }

    func transportWritabilityChanged(_ connection: TransportConnection) {}

    func transportClosed(_ reason: TransportClose) {
        connection = nil
        shell.closed(id)
    }
}
