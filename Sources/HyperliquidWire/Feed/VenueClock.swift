/// What the messages of a client show of the venue's clock: its offset from the client's monotonic clock.
///
/// The local time of day is no measure: it may be minutes off, and it may jump. But a live message cannot arrive before
/// the venue made it, so the offset is at least the message's time minus the time of its arrival. The largest of many
/// such differences is as close to the offset as the fastest message.
///
/// Source: docs/protocol.md, "trades".
package struct VenueClock: Hashable, Sendable {
    /// The offset rests on the messages of the present period and of the one before, so that a single wrong time of the
    /// venue does not last.
    private static let period = Duration.seconds(300)
    /// How far the local time of day may be off. Only first messages that come before any live one depend on it.
    private static let toleranceMilliseconds: Int64 = 120_000

    /// The time of day minus the monotonic time, in milliseconds; `nil` if the time of day is not known. Taken once,
    /// so that it does not jump.
    private let localOffset: Int64?
    /// The largest difference of the present period, in milliseconds.
    private var presentOffset: Int64?
    /// The largest difference of the last period with a live message, in milliseconds.
    private var formerOffset: Int64?
    private var periodEnd = Instant(nanoseconds: .min)

    /// Creates a clock of which nothing is known.
    package init() { localOffset = nil }

    /// Creates a clock of which only the local time of day is known: `localMilliseconds` since 1970.
    package init(localMilliseconds: Int64, at now: Instant) {
        localOffset = localMilliseconds.clampedSubtracting(now.milliseconds)
    }

    /// Notes that a live message has arrived which the venue made at `milliseconds` since 1970, by its own clock.
    package mutating func liveMessageArrived(_ milliseconds: Int64, at now: Instant) {
        if now >= periodEnd {
            formerOffset = presentOffset ?? formerOffset
            presentOffset = nil
            periodEnd = now.advanced(by: Self.period)
        }
        let offset = milliseconds.clampedSubtracting(now.milliseconds)
        presentOffset = max(presentOffset ?? offset, offset)
    }

    /// The offset in milliseconds: never too large, and too small by the time that the fastest message took. `nil`
    /// before the first live message.
    private var offset: Int64? {
        guard let presentOffset else { return formerOffset }
        return max(presentOffset, formerOffset ?? presentOffset)
    }

    /// The lag of a message behind the fastest live one, in milliseconds, never negative; `nil` before the first live
    /// message.
    ///
    /// - Parameters:
    ///   - milliseconds: The venue's time of the message, in milliseconds since 1970.
    ///   - now: When it came.
    package func lag(of milliseconds: Int64, at now: Instant) -> Int64? {
        offset.map { max(now.milliseconds.clampedAdding($0).clampedSubtracting(milliseconds), 0) }
    }

    /// How far a local time of day is ahead of the venue's clock, in milliseconds; `nil` before the first live message.
    /// It contains the time that the fastest live message was on its way.
    package func skew(ofLocalMilliseconds milliseconds: Int64, at now: Instant) -> Int64? {
        offset.map { milliseconds.clampedSubtracting(now.milliseconds.clampedAdding($0)) }
    }

    /// The cutoff for the first message after a subscribe, which arrives now.
    ///
    /// Before any live message, the newest block of the first message counts as live. But the last trade of a coin that
    /// is seldom traded may be ten minutes old, so the block must also be within two minutes of the local time of day.
    /// If the local clock is further off than that, a live row comes as a snapshot, which does less harm than an old
    /// row that comes as news.
    package func cutoff(subscribedAt: Instant, at now: Instant) -> ReplayCutoff {
        if let offset {
            return .subscribe(
                atMilliseconds: subscribedAt.milliseconds.clampedAdding(offset),
                elapsed: now.milliseconds.clampedSubtracting(subscribedAt.milliseconds))
        }
        guard let localOffset else { return .newestBlock(in: Int64.min...Int64.max) }
        let local = now.milliseconds.clampedAdding(localOffset)
        let (earliest, latest) = (-Self.toleranceMilliseconds, Self.toleranceMilliseconds)
        return .newestBlock(in: local.clampedAdding(earliest)...local.clampedAdding(latest))
    }
}

extension Instant {
    /// Whole milliseconds since the start of the time line.
    fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
