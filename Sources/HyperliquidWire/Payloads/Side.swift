/// A side of the book or of a trade.
///
/// Source: PROTOCOL section 3.1, Fill.
public struct Side: OpenEnumeration {
    /// The venue's letter.
    public let rawValue: String

    /// Takes any word.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Bid or buy: `B`.
    public static let buy = Side(rawValue: "B")
    /// Ask or sell: `A`.
    public static let sell = Side(rawValue: "A")

    /// `B` and `A`.
    public static let known: Set<String> = ["B", "A"]

    /// Whether the word is `B` or `A`.
    public var isKnown: Bool { self == .buy || self == .sell }
}
