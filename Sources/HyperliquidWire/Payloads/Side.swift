/// A side of the book or of a trade: `B` or `A`.
///
/// Unknown words of more than 15 bytes are kept for the lifetime of the process, as long names of a ``Coin`` are; a
/// message with one of more than 64 bytes is undecodable.
///
/// Source: docs/protocol.md, "Fill".
public struct Side: OpenEnumeration {
    // Not a `String`, so that a row holds nothing whose references must be counted.
    @usableFromInline let interned: InternedString

    init(_ interned: InternedString) {
        self.interned = interned
    }

    /// Creates a value from any word of the venue.
    public init(rawValue: String) {
        interned = InternedString(rawValue)
    }

    /// The venue's letter.
    public var rawValue: String { interned.text }

    /// `buy` or `sell`; the venue's word if it is unknown.
    public var description: String { self == .buy ? "buy" : self == .sell ? "sell" : rawValue }

    /// The bid or buy side: `B`.
    @inlinable public static var buy: Side { Side(letter: UInt8(ascii: "B")) }
    /// The ask or sell side: `A`.
    @inlinable public static var sell: Side { Side(letter: UInt8(ascii: "A")) }

    @inlinable init(letter: UInt8) {
        interned = InternedString(low: UInt64(letter), high: 0, byteCount: 1)
    }

    /// `B` and `A`.
    public static let known: Set<String> = ["B", "A"]

    /// Returns whether both are the same word.
    @inlinable public static func == (lhs: Side, rhs: Side) -> Bool { lhs.interned == rhs.interned }

    /// Hashes the word.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(interned) }

    /// Whether the word is `B` or `A`.
    public var isKnown: Bool { self == .buy || self == .sell }
}
