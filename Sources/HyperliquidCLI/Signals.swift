internal import UnixSignals

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Waits for SIGINT or SIGTERM, which from its making on end the program in order.
struct Signals: Sendable {
    private let signals: UnixSignalsSequence

    init() async {
        signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        // A reader of our output that has gone is told by the write that fails.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Returns at the first signal. The second one ends the program as if nobody had waited: whoever sends it does
    /// not want to wait for an orderly end.
    func wait() async {
        for await _ in signals {
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
            return
        }
    }
}
