/// Tells repeated rows from live ones in the first message after a subscribe, by the venue's own times.
///
/// The client makes it before the first message is decoded and gives it to the feed's memory
/// (``FeedMemory/firstMessageArrived(_:)``). A memory that contains a ``ReplayMemory`` passes it on.
///
/// Source: docs/protocol.md, "trades".
public struct ReplayCutoff: Hashable, Sendable {
    private enum Basis: Hashable, Sendable {
        /// Rows from this time on are live.
        case time(Int64)
        /// The venue's time of the subscribe is estimated, and never too late: rows from then on are live. If the
        /// message's newest row is further ahead than the estimate allows, rows of its last `elapsed` milliseconds are.
        case subscribe(milliseconds: Int64, elapsed: Int64)
        /// Nothing is known of the venue's clock but what the message shows: its newest block is live if the block's
        /// time is plausible.
        case newestBlock(plausible: ClosedRange<Int64>)
    }

    private let basis: Basis

    private init(_ basis: Basis) { self.basis = basis }

    /// Creates the cutoff at a time that is known: rows from `milliseconds` on are live. In milliseconds since 1970, by
    /// the venue's clock.
    public init(liveFromMilliseconds milliseconds: Int64) { basis = .time(milliseconds) }

    /// Every row is live, as in a message that cannot repeat any.
    public static let everythingIsLive = ReplayCutoff(liveFromMilliseconds: .min)

    /// The cutoff at the estimated time of a subscribe, for a message that arrives `elapsed` milliseconds after it.
    static func subscribe(atMilliseconds milliseconds: Int64, elapsed: Int64) -> ReplayCutoff {
        ReplayCutoff(.subscribe(milliseconds: milliseconds, elapsed: elapsed))
    }

    /// The cutoff if nothing is known: the newest block is live if its time is in `plausible`.
    static func newestBlock(in plausible: ClosedRange<Int64>) -> ReplayCutoff {
        ReplayCutoff(.newestBlock(plausible: plausible))
    }

    /// The time from which on rows are live, in a message whose newest row has the time `newest`. In milliseconds since
    /// 1970, by the venue's clock.
    public func liveFromMilliseconds(newest: Int64) -> Int64 {
        switch basis {
        case .time(let milliseconds): milliseconds
        case .subscribe(let milliseconds, let elapsed): max(milliseconds, newest.clampedSubtracting(elapsed))
        case .newestBlock(let plausible): plausible.contains(newest) ? newest : .max
        }
    }
}

extension Int64 {
    /// The sum, clamped: a message's time may be any number.
    func clampedAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, clamped.
    func clampedSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
