#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

// The few system calls that are needed, without Foundation: its 9 MB would be counted as the client's.

func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

func exit(_ status: Int) -> Never {
    fflush(nil)
    #if canImport(Darwin)
    Darwin.exit(Int32(status))
    #elseif canImport(Glibc)
    Glibc.exit(Int32(status))
    #elseif canImport(Musl)
    Musl.exit(Int32(status))
    #endif
}

/// Nanoseconds since 1970.
func wallNanoseconds() -> Int64 { nanoseconds(CLOCK_REALTIME) }

/// Nanoseconds since the system started.
func monotonicNanoseconds() -> Int64 { nanoseconds(CLOCK_MONOTONIC) }

private func nanoseconds(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Blocks the current thread.
func sleep(milliseconds: Int) {
    var time = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
    unsafe nanosleep(&time, nil)
}

/// The present resident size; 0 on other systems than Linux.
func residentMegabytes() -> Double {
    guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
    defer { unsafe fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard unsafe fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
        separator: " ")
    return Double(words.dropFirst().first.flatMap { Int($0) } ?? 0) * Double(getpagesize()) / 1_048_576
}

/// The resources that the process has used so far.
struct Usage {
    /// User and system time of all threads.
    let cpuMicroseconds: Double
    /// The largest resident size so far.
    let peakMegabytes: Double

    init() {
        var usage = rusage()
        #if canImport(Darwin)
        unsafe getrusage(RUSAGE_SELF, &usage)
        peakMegabytes = Double(usage.ru_maxrss) / 1_048_576
        #elseif canImport(Glibc)
        unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        peakMegabytes = Double(usage.ru_maxrss) / 1024
        #else
        unsafe getrusage(RUSAGE_SELF, &usage)
        peakMegabytes = Double(usage.ru_maxrss) / 1024
        #endif
        func microseconds(_ time: timeval) -> Double { Double(time.tv_sec) * 1e6 + Double(time.tv_usec) }
        cpuMicroseconds = microseconds(usage.ru_utime) + microseconds(usage.ru_stime)
    }
}
