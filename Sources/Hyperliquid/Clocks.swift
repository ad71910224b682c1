internal import HyperliquidWire

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Android)
internal import Android
#endif

/// The time of day.
enum WallClock {
    /// Milliseconds since 1970.
    static var milliseconds: Int64 { nanoseconds(CLOCK_REALTIME) / 1_000_000 }
}

/// The time line of the machines: the system's monotonic clock.
enum MonotonicClock {
    static var now: Instant { Instant(nanoseconds: nanoseconds(CLOCK_MONOTONIC)) }
}

/// The same time line to some milliseconds, at a quarter of the cost: for what is looked at with each event.
enum CoarseClock {
    #if canImport(Darwin)
    private static var clock: clockid_t { CLOCK_MONOTONIC_RAW_APPROX }
    #else
    private static var clock: clockid_t { CLOCK_MONOTONIC_COARSE }
    #endif

    static var nanoseconds: Int64 { Hyperliquid.nanoseconds(clock) }
}

private func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    // Fails only for a clock that does not exist.
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
