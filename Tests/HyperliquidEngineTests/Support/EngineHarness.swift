import HyperliquidEngine
import HyperliquidWire

/// An engine with its turn, and shorthand for the facts that tests report to it.
struct EngineHarness {
    var engine: Engine
    var turn: Turn
    var lastID: UInt64 = 0
    /// The effects that `answerAll` has taken.
    var history: [Engine.Effect] = []

    init(_ change: (inout EngineConfiguration) -> Void = { _ in }) {
        var configuration = EngineConfiguration()
        change(&configuration)
        engine = Engine(configuration: configuration)
        turn = Turn(limits: configuration.limits)
    }

    var now: Instant {
        get { turn.now }
        set { turn.now = newValue }
    }

    /// The effects so far; those that join a subscriber to its upstream subscription are left out.
    var effects: [Engine.Effect] {
        get { turn.effects.filter { if case .bind = $0 { false } else { true } } }
        set { turn.effects = newValue }
    }

    mutating func handle(_ input: Engine.Input) { engine.handle(input, &turn) }

    /// Takes a fact in and returns whether `advance` must follow.
    mutating func takeIn(_ input: Engine.Input) -> Bool { engine.take(input, &turn) }

    mutating func advance(by duration: Duration) {
        now = now.advanced(by: duration)
        handle(.woke)
    }

    /// Lets time pass in which all open connections bring something.
    mutating func stayOpen(for duration: Duration = .seconds(30)) {
        let end = now.advanced(by: duration)
        while now < end {
            for connection in engine.pool.connections where connection.isOpen { handle(.frameArrived(connection.id)) }
            now = min(end, now.advanced(by: .seconds(5)))
            handle(.woke)
        }
    }

    /// Lets the first connection bring a message of a ticking feed every 5 s, for 30 s.
    mutating func tick(_ id: UpstreamID) {
        for _ in 0..<6 {
            advance(by: .seconds(5))
            handle(.frameArrived(ConnectionID(1)))
            handle(.upstreamTicked(ConnectionID(1), id))
        }
    }

    mutating func subscribe(_ feed: some Feed, timeout: Duration? = .seconds(10)) -> SubscriptionID {
        lastID += 1
        let id = SubscriptionID(lastID)
        handle(.subscribed(id, feed.request, feed.traits, timeout: timeout, waitsForLimits: true))
        return id
    }

    /// Subscribes for a caller that does not wait for limits.
    mutating func subscribeNow(_ feed: some Feed) -> SubscriptionID {
        lastID += 1
        let id = SubscriptionID(lastID)
        handle(.subscribed(id, feed.request, feed.traits, timeout: nil, waitsForLimits: false))
        return id
    }

    mutating func takeEffects() -> [Engine.Effect] {
        defer { effects = [] }
        return effects
    }

    mutating func takeSent() -> [Engine.Message] {
        takeEffects().compactMap { if case .send(_, let message) = $0 { message } else { nil } }
    }

    /// Opens each dialled connection and acknowledges each request, until no further effect follows.
    mutating func answerAll() {
        var isDone = false
        while !isDone {
            isDone = true
            for effect in takeEffects() {
                history.append(effect)
                switch effect {
                case .dial(let connection, _): handle(.connectionOpened(connection))
                case .send(let connection, .subscribe(let request)):
                    handle(.acknowledged(connection, .subscribe, echo: request))
                case .send(let connection, .unsubscribe(let request)):
                    handle(.acknowledged(connection, .unsubscribe, echo: request))
                case .close(let connection): handle(.connectionClosed(connection, .closedByUs, draw: 0))
                case .send, .bind, .attach, .detach, .expectReplay, .beginHandover, .endHandover, .cancelHandover,
                    .confirm,
                    .fail, .announceGap, .sendPost, .failPost,
                    .forget,
                    .note, .finish:
                    continue
                }
                isDone = false
            }
        }
    }
}
