/// Identifies a subscription. Never reused by a client.
public struct SubscriptionID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    /// The number of the subscription: 1 for the first one of its client.
    public let rawValue: UInt64

    /// Creates an id from its number.
    public init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Orders by age, the oldest first.
    public static func < (lhs: SubscriptionID, rhs: SubscriptionID) -> Bool { lhs.rawValue < rhs.rawValue }

    /// The number.
    public var description: String { String(rawValue) }
}
