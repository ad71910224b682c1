package import HyperliquidWire
package import NIOCore

/// The client's single timer. Bound to its loop.
package struct DeadlineTimer {
    private let eventLoop: any EventLoop
    private var scheduled: Scheduled<Void>?
    /// When the timer fires.
    private var due: Instant?

    /// Makes a timer that is not set.
    package init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Makes the timer fire by `deadline`; `nil` cancels it.
    ///
    /// A timer that is set for an earlier time is left as it is: it fires in vain and is set again then. Deadlines move to
    /// later times often, and setting the timer each time costs a thousand instructions.
    package mutating func arm(at deadline: Instant?, now: Instant, _ action: @escaping () -> Void) {
        guard let deadline else { return cancel() }
        if let due, due <= deadline { return }
        scheduled?.cancel()
        due = deadline
        let wait = max(now.duration(to: deadline).nanoseconds, 0)
        let bound = NIOLoopBound(action, eventLoop: eventLoop)
        scheduled = eventLoop.scheduleTask(in: .nanoseconds(wait)) { bound.value() }
    }

    /// Notes that the timer has fired; the timer's action must call this method.
    package mutating func fired() {
        scheduled = nil
        due = nil
    }

    /// Cancels the timer.
    package mutating func cancel() {
        scheduled?.cancel()
        scheduled = nil
        due = nil
    }
}
