internal import UnixSignals

/// Waits for SIGINT or SIGTERM, which from its making on end the program in order.
struct Signals: Sendable {
    private let signals: UnixSignalsSequence

    init() async {
        signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    }

    func wait() async {
        for await _ in signals { return }
    }
}
