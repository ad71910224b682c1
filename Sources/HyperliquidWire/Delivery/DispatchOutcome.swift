/// How a message fared in its dispatcher.
public enum _DispatchOutcome: Sendable {
    /// It reached the subscribers.
    case delivered
    /// It belongs to another subscription.
    case notMine
    /// It could not be read; the dispatcher has the fault.
    case fault
}
