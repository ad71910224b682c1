import HyperliquidSimulator
import HyperliquidWire

/// An exchange on a virtual time line that collects what it sends. Connections are numbered from 1.
struct VirtualExchange {
    /// How the exchange ended a connection.
    enum End: Hashable {
        case closed(UInt16, String)
        case dropped
    }

    private(set) var exchange: Exchange
    private(set) var now = Instant.start
    private var inboxes: [UInt64: [JSONMessage]] = [:]
    private(set) var ends: [UInt64: End] = [:]
    private(set) var endTimes: [UInt64: Instant] = [:]

    /// An exchange with a small market by default, whose configuration the closure may change.
    init(seed: UInt64 = 1, size: MarketSize = .small, _ configure: (inout ExchangeConfiguration) -> Void = { _ in }) {
        var configuration = ExchangeConfiguration()
        configuration.seed = seed
        configuration.marketSize = size
        configure(&configuration)
        exchange = Exchange(configuration: configuration)
    }

    /// The venue's time, in milliseconds since 1970.
    var milliseconds: Int64 { exchange.milliseconds(at: now) }

    // MARK: Actions of clients

    /// Asks for an upgrade, and opens the connection if it is accepted.
    @discardableResult
    mutating func open(_ connection: UInt64 = 1, _ path: EndpointKind = .api) -> Exchange.Admission {
        let admission = exchange.admit(at: now)
        if admission == .accept { handle(.opened(Exchange.ConnectionID(connection), path)) }
        return admission
    }

    mutating func send(_ text: String, on connection: UInt64 = 1) {
        handle(.text(Exchange.ConnectionID(connection), Array(text.utf8)))
    }

    mutating func subscribe(_ fields: String, on connection: UInt64 = 1) {
        send(#"{"method":"subscribe","subscription":{\#(fields)}}"#, on: connection)
    }

    mutating func unsubscribe(_ fields: String, on connection: UInt64 = 1) {
        send(#"{"method":"unsubscribe","subscription":{\#(fields)}}"#, on: connection)
    }

    mutating func close(_ connection: UInt64 = 1) { handle(.closed(Exchange.ConnectionID(connection))) }

    mutating func fault(_ action: FaultAction) { handle(.fault(action)) }

    /// Sends `POST /info`.
    mutating func ask(_ body: String) -> (status: Int, body: String) {
        let (status, answer) = exchange.answer(infoBody: Array(body.utf8), at: now)
        return (status, String(decoding: answer, as: UTF8.self))
    }

    // MARK: Time

    /// Advances the time, and wakes the exchange at each of its deadlines.
    mutating func run(_ duration: Duration) {
        let end = now.advanced(by: duration)
        while let deadline = exchange.deadline, deadline <= end {
            now = max(now, deadline)
            handle(.woke)
        }
        now = end
        handle(.woke)
    }

    private mutating func handle(_ input: Exchange.Input) {
        var effects: [Exchange.Effect] = []
        exchange.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let id, let bytes, let origin):
                inboxes[id.rawValue, default: []].append(JSONMessage(bytes, at: now, of: origin))
            case .close(let id, let code, let reason): end(id.rawValue, .closed(code, reason))
            case .drop(let id): end(id.rawValue, .dropped)
            }
        }
    }

    private mutating func end(_ connection: UInt64, _ end: End) {
        ends[connection] = end
        endTimes[connection] = now
    }

    // MARK: Messages to clients

    /// Returns the messages since the last call, and forgets them.
    mutating func received(on connection: UInt64 = 1) -> [JSONMessage] {
        inboxes.updateValue([], forKey: connection) ?? []
    }

    /// Returns the messages on one channel since the last call, and forgets all others too.
    mutating func received(_ channel: String, on connection: UInt64 = 1) -> [JSONMessage] {
        received(on: connection).filter { $0.channel == channel }
    }
}
