internal import HyperliquidWire
internal import NIOCore

/// The client's single timer. Bound to its loop.
struct WakeUp {
    private let eventLoop: any EventLoop
    private var scheduled: Scheduled<Void>?
    private var deadline: Instant?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Moves the timer to `deadline`. An earlier one that is already set fires in vain and is set anew then.
    mutating func arm(at deadline: Instant?, now: Instant, _ action: @escaping () -> Void) {
        guard deadline != self.deadline else { return }
        scheduled?.cancel()
        scheduled = nil
        self.deadline = deadline
        guard let deadline else { return }
        let wait = max(now.duration(to: deadline).nanoseconds, 0)
        let bound = NIOLoopBound(action, eventLoop: eventLoop)
        scheduled = eventLoop.scheduleTask(in: .nanoseconds(wait)) { bound.value() }
    }

    mutating func cancel() {
        scheduled?.cancel()
        scheduled = nil
        deadline = nil
    }
}
