/// A side of the book or of a trade.
///
/// Source: PROTOCOL section 3.1, Fill.
public struct Side: OpenEnumeration {
    /// The known words apart: a row with one of them holds no text that would be counted, copied and compared.
    @usableFromInline enum Word: Hashable, Sendable {
        case buy
        case sell
        case other(String)
    }

    @usableFromInline let word: Word

    @inlinable init(_ word: Word) {
        self.word = word
    }

    /// Takes any word.
    @inlinable public init(rawValue: String) {
        switch rawValue {
        case "B": self.init(.buy)
        case "A": self.init(.sell)
        default: self.init(.other(rawValue))
        }
    }

    /// The venue's letter.
    @inlinable public var rawValue: String {
        switch word {
        case .buy: "B"
        case .sell: "A"
        case .other(let text): text
        }
    }

    /// Bid or buy: `B`.
    @inlinable public static var buy: Side { Side(.buy) }
    /// Ask or sell: `A`.
    @inlinable public static var sell: Side { Side(.sell) }

    /// `B` and `A`.
    public static let known: Set<String> = ["B", "A"]

    /// Whether both are the same word.
    @inlinable public static func == (lhs: Side, rhs: Side) -> Bool {
        switch (lhs.word, rhs.word) {
        case (.buy, .buy), (.sell, .sell): true
        case (.other(let left), .other(let right)): left == right
        default: false
        }
    }

    /// Hashes the word.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(word) }

    /// Whether the word is `B` or `A`.
    public var isKnown: Bool { self == .buy || self == .sell }
}
