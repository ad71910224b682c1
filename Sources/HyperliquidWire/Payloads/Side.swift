/// A side of the book or of a trade.
///
/// Source: PROTOCOL section 3.1, Fill.
public struct Side: OpenEnumeration {
    /// The venue's letter.
    public let rawValue: String

    /// Takes any word.
    @inlinable public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// Bid or buy: `B`.
    @inlinable public static var buy: Side { Side(rawValue: "B") }
    /// Ask or sell: `A`.
    @inlinable public static var sell: Side { Side(rawValue: "A") }

    /// `B` and `A`.
    public static let known: Set<String> = ["B", "A"]

    /// Whether both are the same word.
    @inlinable public static func == (lhs: Side, rhs: Side) -> Bool { lhs.rawValue == rhs.rawValue }

    /// Whether the word is `B` or `A`.
    public var isKnown: Bool { self == .buy || self == .sell }
}
