internal import HyperliquidWire

/// The most dials and messages in any span that a limit looks at.
struct PlanPeaks: Hashable, Sendable {
    /// The most events in any span of a given length.
    struct Peak: Hashable, Sendable {
        private let span: Duration
        private var times: [Instant] = []
        private var oldest = 0
        private(set) var count = 0

        init(span: Duration) {
            self.span = span
        }

        mutating func note(at now: Instant) {
            times.append(now)
            while times[oldest].advanced(by: span) <= now { oldest += 1 }
            count = max(count, times.count - oldest)
        }

        /// Starts again from what lies in the span that ends now.
        mutating func restart(at now: Instant) {
            times.removeAll { $0.advanced(by: span) <= now }
            oldest = 0
            count = times.count
        }
    }

    var dials = Peak(span: .seconds(60))
    private(set) var messagesInMinute = Peak(span: .seconds(60))
    private(set) var messagesInSecond = Peak(span: .seconds(1))

    mutating func noteMessage(at now: Instant) {
        messagesInMinute.note(at: now)
        messagesInSecond.note(at: now)
    }

    mutating func restart(at now: Instant) {
        dials.restart(at: now)
        messagesInMinute.restart(at: now)
        messagesInSecond.restart(at: now)
    }
}
