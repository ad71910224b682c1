/// A market by the venue's own interned string, which is case-sensitive.
///
/// `BTC` or `kPEPE` (perpetual), `xyz:SP500` (builder-deployed perpetual), `PURR/USDC` or `@107` (spot),
/// `#14720` (outcome side). A wrong interned string can make the venue close the whole connection.
///
/// Two words that are copied and compared as they are. A interned string of up to 15 bytes, as the venue's are, stands in them;
/// each longer one is kept once for as long as the process runs, so do not make coins of texts without end.
public struct Coin: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline let interned: InternedString

    @inline(__always) init(_ interned: InternedString) {
        self.interned = interned
    }

    /// Takes the interned string as it is; it is checked when a feed is subscribed to.
    public init(_ name: String) {
        interned = InternedString(name)
    }

    /// Takes the interned string as it is; it is checked when a feed is subscribed to.
    public init(stringLiteral value: String) {
        interned = InternedString(value)
    }

    /// The venue's interned string.
    public var name: String { interned.text }

    /// How many bytes the interned string has, which costs less than to ask ``name``.
    @inlinable public var byteCount: Int { interned.byteCount }

    /// Whether this is a spot pair or an outcome side, whose contexts come on a channel of their own.
    public var isSpotLike: Bool {
        name.utf8.first == UInt8(ascii: "@") || name.utf8.first == UInt8(ascii: "#")
            || name.utf8.contains(UInt8(ascii: "/"))
    }

    /// Whether both are spelled by the same bytes.
    @inlinable public static func == (lhs: Coin, rhs: Coin) -> Bool { lhs.interned == rhs.interned }

    /// Hashes the interned string.
    @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(interned) }

    /// Orders by the bytes of the interned string.
    public static func < (lhs: Coin, rhs: Coin) -> Bool { lhs.interned < rhs.interned }

    /// The venue's interned string.
    public var description: String { name }

    func validate() throws(FeedParameterError) {
        let isPrintable = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !name.isEmpty, byteCount <= InternTable.messageByteLimit, isPrintable else {
            throw FeedParameterError(
                parameter: "coin", problem: "'\(name)' is no coin name",
                remedy: "use the venue's own interned string, for example BTC, kPEPE, xyz:SP500, PURR/USDC or @107")
        }
    }
}
