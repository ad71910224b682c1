internal import UnixSignals

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Waits for SIGINT or SIGTERM. From its creation on, these signals no longer end the program at once.
struct Signals: Sendable {
    private let signals: UnixSignalsSequence

    init() async {
        signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        // SIGPIPE is ignored. If the reader of our output has closed it, the write fails instead.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns at the first signal. The second one ends the program at once.
    func wait() async {
        for await _ in signals {
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
            return
        }
    }
}
