package import HyperliquidWire

/// Decides when a silent connection is probed and when it is given up.
package struct Heartbeat: Hashable, Sendable {
    package enum Input: Hashable, Sendable {
        /// Data or a pong arrived: it also resets the venue's own idle clock.
        case frameArrived
        /// An acknowledgement, an error or a post's answer arrived: the peer is alive, its idle clock runs on.
        case answerArrived
        /// The shell woke the machine; the wake-up may be stale.
        case woke
    }

    package enum Effect: Hashable, Sendable {
        case sendPing
        case closeSilent
    }

    private enum State: Hashable, Sendable {
        /// Heard from lately. Can move to `probing`.
        case heard(until: Instant)
        /// Asked, not answered yet. Can move to `heard` and `ended`.
        case probing(until: Instant)
        /// Given up. Terminal.
        case ended
    }

    private let idleTimeout: Duration
    private let pongTimeout: Duration
    private var state: State

    /// A connection that opened at `now`.
    package init(idleTimeout: Duration, pongTimeout: Duration, at now: Instant) {
        precondition(idleTimeout > .zero && pongTimeout > .zero, "both timeouts are positive")
        self.idleTimeout = idleTimeout
        self.pongTimeout = pongTimeout
        state = .heard(until: now.advanced(by: idleTimeout))
    }

    /// When the shell must send `.woke`; `nil` once the connection is given up.
    package var deadline: Instant? {
        switch state {
        case .heard(let until), .probing(let until): until
        case .ended: nil
        }
    }

    package mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        switch (input, state) {
        case (.frameArrived, .heard), (.frameArrived, .probing):
            state = .heard(until: now.advanced(by: idleTimeout))
        case (.answerArrived, .probing):
            state = .probing(until: now.advanced(by: pongTimeout))
        case (.woke, .heard(let until)) where until <= now:
            effects.append(.sendPing)
            state = .probing(until: now.advanced(by: pongTimeout))
        case (.woke, .probing(let until)) where until <= now:
            effects.append(.closeSilent)
            state = .ended
        case (.answerArrived, .heard), (.woke, _), (_, .ended):
            break  // A stale wake-up, or a frame already in flight when the connection was given up.
        }
    }
}
