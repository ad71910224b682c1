/// A market, as the venue spells it. Case matters.
///
/// `BTC` or `kPEPE` (perpetual), `xyz:SP500` (builder-deployed perpetual), `PURR/USDC` or `@107` (spot), `#14720`
/// (outcome side). A wrong name can make the venue close the whole connection.
///
/// Stored in two words, which are copied and compared without reference counting. The venue's names have at most 15
/// bytes and fit. Each longer name is kept once for the lifetime of the process, so do not create coins from an
/// unlimited number of texts.
public struct Coin: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline let interned: InternedString

    @inline(__always) init(_ interned: InternedString) {
        self.interned = interned
    }

    /// Creates a coin with any name. The name is checked when a feed is subscribed to.
    public init(_ name: String) {
        interned = InternedString(name)
    }

    /// Creates a coin with any name. The name is checked when a feed is subscribed to.
    public init(stringLiteral value: String) {
        interned = InternedString(value)
    }

    /// The name of the coin.
    public var name: String { interned.text }

    /// The length of the name in bytes, which is cheaper to read than ``name``.
    @inlinable public var byteCount: Int { interned.byteCount }

    /// Whether this is a spot pair or an outcome side, whose contexts have a channel of their own.
    public var isSpotLike: Bool {
        name.utf8.first == UInt8(ascii: "@") || name.utf8.first == UInt8(ascii: "#")
            || name.utf8.contains(UInt8(ascii: "/"))
    }

    /// Returns whether both names have the same bytes.
    @inlinable public static func == (lhs: Coin, rhs: Coin) -> Bool { lhs.interned == rhs.interned }

    /// Hashes the name.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(interned) }

    /// Orders by the bytes of the name.
    public static func < (lhs: Coin, rhs: Coin) -> Bool { lhs.interned < rhs.interned }

    /// The name of the coin.
    public var description: String { name }

    func validate() throws(FeedParameterError) {
        let isPrintable = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !name.isEmpty, byteCount <= InternTable.messageByteLimit, isPrintable else {
            throw FeedParameterError(
                parameter: "coin", problem: "'\(name)' is no coin name",
                remedy: "use the venue's own spelling, for example BTC, kPEPE, xyz:SP500, PURR/USDC or @107")
        }
    }
}
