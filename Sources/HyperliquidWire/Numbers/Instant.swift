/// A moment on the time line of the state machines: nanoseconds since an arbitrary start.
///
/// Only a shell knows the clock behind it, so tests write instants as literals and a seed replays them.
public struct Instant: InstantProtocol, Hashable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the start of the time line.
    public let nanoseconds: Int64

    /// The start of the time line.
    public static let start = Instant(nanoseconds: 0)

    /// Creates the instant `nanoseconds` after the start.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The instant `duration` later, clamped to the ends of the time line instead of overflowing.
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
        guard overflow else { return Instant(nanoseconds: sum) }
        return Instant(nanoseconds: duration < .zero ? .min : .max)
    }

    /// The time from this instant to `other`; negative if `other` is earlier.
    public func duration(to other: Instant) -> Duration {
        .nanoseconds(other.nanoseconds) - .nanoseconds(nanoseconds)
    }

    /// Orders instants by time.
    public static func < (lhs: Instant, rhs: Instant) -> Bool {
        lhs.nanoseconds < rhs.nanoseconds
    }

    /// The time since the start, in seconds.
    public var description: String {
        "\(Duration.nanoseconds(nanoseconds))"
    }
}

extension Duration {
    /// The whole nanoseconds of this duration, clamped to `Int64`.
    package var nanoseconds: Int64 {
        // One division, of 64 bits for durations up to 9 s, takes 40 instructions; `components` makes three
        // divisions of 128 bits and takes 200.
        if let short = Int64(exactly: attoseconds) { return short / 1_000_000_000 }
        return Int64(clamping: attoseconds / 1_000_000_000)
    }

    /// The whole milliseconds of this duration.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
