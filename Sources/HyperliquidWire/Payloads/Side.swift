/// A side of the book or of a trade.
///
/// Of unknown words those of more than 15 bytes are kept for as long as the process runs, as those of a ``Coin`` are; a
/// message with one of more than 64 bytes is undecodable. Source: docs/protocol.md, "Fill".
public struct Side: OpenEnumeration {
    // A row holds no text then that would be counted, copied and compared.
    @usableFromInline let interned: InternedString

    init(_ interned: InternedString) {
        self.interned = interned
    }

    /// Takes any word.
    public init(rawValue: String) {
        interned = InternedString(rawValue)
    }

    /// The venue's letter.
    public var rawValue: String { interned.text }

    /// Bid or buy: `B`.
    @inlinable public static var buy: Side { Side(letter: UInt8(ascii: "B")) }
    /// Ask or sell: `A`.
    @inlinable public static var sell: Side { Side(letter: UInt8(ascii: "A")) }

    @inlinable init(letter: UInt8) {
        interned = InternedString(low: UInt64(letter), high: 0, byteCount: 1)
    }

    /// `B` and `A`.
    public static let known: Set<String> = ["B", "A"]

    /// Whether both are the same word.
    @inlinable public static func == (lhs: Side, rhs: Side) -> Bool { lhs.interned == rhs.interned }

    /// Hashes the word.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(interned) }

    /// Whether the word is `B` or `A`.
    public var isKnown: Bool { self == .buy || self == .sell }
}
