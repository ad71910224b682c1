package import HyperliquidWire

/// Decides when an idle connection is probed with a ping, and when it is given up.
///
/// Data and pongs show that the venue's own idle timeout has started again, so they put off the next ping. Everything
/// else that arrives shows only that the peer is alive: it puts off the end of a connection that is being probed.
package struct Heartbeat: Hashable, Sendable {
    package enum Input: Hashable, Sendable {
        /// Data arrived. The venue sent them, so the venue's own idle timeout starts again too.
        case frameArrived
        /// A pong arrived, which restarts the venue's own idle timeout like data.
        case pongArrived
        /// An acknowledgement, an error or the answer to a post arrived. The venue is alive, but its own idle timeout
        /// may not start again, so the next ping is not put off.
        case answerArrived
        /// Bytes arrived: part of a message, or a control frame. The peer is alive, but the venue may have sent these
        /// bytes long ago, so the next ping is not put off.
        case bytesArrived
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
        /// A ping was sent, and neither data nor a pong has arrived since. Can move to `heard` and `ended`.
        ///
        /// While a slow line brings a long message, the pong waits behind it for longer than the venue's own idle
        /// timeout, so another ping is sent at `nextPing`.
        case probing(until: Instant, nextPing: Instant)
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
        case .heard(let until): until
        case .probing(let until, let nextPing): min(until, nextPing)
        case .ended: nil
        }
    }

    package mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        switch (input, state) {
        case (.frameArrived, .heard), (.frameArrived, .probing), (.pongArrived, .heard), (.pongArrived, .probing):
            state = .heard(until: now.advanced(by: idleTimeout))
        case (.answerArrived, .probing(_, let nextPing)), (.bytesArrived, .probing(_, let nextPing)):
            state = .probing(until: now.advanced(by: pongTimeout), nextPing: nextPing)
        case (.woke, .heard(let until)) where until <= now: probe(at: now, into: &effects)
        case (.woke, .probing(let until, _)) where until <= now:
            effects.append(.closeSilent)
            state = .ended
        case (.woke, .probing(let until, let nextPing)) where nextPing <= now:
            probe(at: now, into: &effects)
            state = .probing(until: until, nextPing: now.advanced(by: pingInterval))
        case (.answerArrived, .heard), (.bytesArrived, .heard), (.woke, _), (_, .ended):
            break  // A stale wake-up, or a frame already in flight when the connection was given up.
        }
    }

    /// The time between two pings of a connection that brings neither data nor a pong.
    private var pingInterval: Duration { max(idleTimeout, pongTimeout) }

    private mutating func probe(at now: Instant, into effects: inout [Effect]) {
        effects.append(.sendPing)
        state = .probing(until: now.advanced(by: pongTimeout), nextPing: now.advanced(by: pingInterval))
    }
}
