#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Android)
internal import Android
#endif

/// The system's clocks, without Foundation.
package enum SystemClock {
    /// The time of day, in nanoseconds since 1970. It may jump either way.
    package static var wallNanoseconds: Int64 { nanoseconds(CLOCK_REALTIME) }

    /// The time of day, in milliseconds since 1970. It may jump either way.
    package static var wallMilliseconds: Int64 { wallNanoseconds / 1_000_000 }

    /// The monotonic clock, in nanoseconds since an arbitrary start. It may stop while the machine sleeps; on
    /// Linux it does.
    package static var monotonicNanoseconds: Int64 { nanoseconds(CLOCK_MONOTONIC) }

    @inline(__always) private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // This call fails only for a clock that does not exist.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
