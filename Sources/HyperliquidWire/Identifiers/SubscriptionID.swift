/// Names one subscriber's claim on a feed. Never used twice in a client's life.
public struct SubscriptionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The count of subscriptions made before it, plus one.
    public let rawValue: UInt64

    /// Names the subscription with that number.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by age, oldest first.
    public static func < (lhs: SubscriptionID, rhs: SubscriptionID) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The number.
    public var description: String { String(rawValue) }
}
