internal import HyperliquidWire
internal import NIOCore

/// The client's single timer. Bound to its loop.
struct DeadlineTimer {
    private let eventLoop: any EventLoop
    private var scheduled: Scheduled<Void>?
    /// When the timer fires.
    private var due: Instant?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Has the timer fire by `deadline`. One that is set for earlier is left as it is: it fires in vain and is set anew
    /// then, while to move it each time that a deadline is put off costs a thousand instructions.
    mutating func arm(at deadline: Instant?, now: Instant, _ action: @escaping () -> Void) {
        guard let deadline else { return cancel() }
        if let due, due <= deadline { return }
        scheduled?.cancel()
        due = deadline
        let wait = max(now.duration(to: deadline).nanoseconds, 0)
        let bound = NIOLoopBound(action, eventLoop: eventLoop)
        scheduled = eventLoop.scheduleTask(in: .nanoseconds(wait)) { bound.value() }
    }

    /// Its action runs.
    mutating func fired() {
        scheduled = nil
        due = nil
    }

    mutating func cancel() {
        scheduled?.cancel()
        scheduled = nil
        due = nil
    }
}
