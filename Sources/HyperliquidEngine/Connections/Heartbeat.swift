package import HyperliquidWire

/// Decides when an idle connection is probed with a ping, and when it is given up.
package struct Heartbeat: Hashable, Sendable {
    package enum Input: Hashable, Sendable {
        /// Data or a pong arrived. The venue sent it, so the venue's own idle timeout starts again too.
        case frameArrived
        /// An acknowledgement, an error or the answer to a post arrived. The venue is alive, but its own idle timeout
        /// may not start again, so the next ping is not put off.
        case answerArrived
        /// The shell woke the machine; the wake-up may be stale.
        case woke
    }

    package enum Effect: Hashable, Sendable {
        /// Sends a ping, which the venue answers with a pong.
        case sendPing
        /// Closes the connection, because the venue did not answer.
        case closeSilent
    }

    private enum State: Hashable, Sendable {
        /// Data or a pong arrived within the idle timeout. Can move to `probing`.
        case heard(until: Instant)
        /// A ping was sent and has not been answered yet. Can move to `heard` and `ended`.
        case probing(until: Instant)
        /// Given up. Terminal.
        case ended
    }

    private let idleTimeout: Duration
    private let pongTimeout: Duration
    private var state: State

    /// Creates the heartbeat of a connection that has opened. Traps unless both timeouts are positive.
    ///
    /// - Parameter firstPing: When the connection is pinged unless something arrives before.
    package init(idleTimeout: Duration, pongTimeout: Duration, firstPing: Instant) {
        precondition(idleTimeout > .zero && pongTimeout > .zero, "both timeouts must be positive")
        self.idleTimeout = idleTimeout
        self.pongTimeout = pongTimeout
        state = .heard(until: firstPing)
    }

    /// The time at which the shell must send `.woke`; `nil` once the connection is given up.
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
