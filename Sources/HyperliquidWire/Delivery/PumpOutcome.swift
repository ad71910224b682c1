/// How a message fared in its hub.
public enum PumpOutcome: Sendable {
    /// It reached the subscribers.
    case delivered
    /// It belongs to another subscription.
    case notMine
    /// It could not be read; the hub has the fault.
    case fault
}
