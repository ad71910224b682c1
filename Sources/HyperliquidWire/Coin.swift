/// A market by the venue's own spelling, which is case-sensitive.
///
/// `BTC` or `kPEPE` (perpetual), `xyz:SP500` (builder-deployed perpetual), `PURR/USDC` or `@107` (spot),
/// `#14720` (outcome side). A wrong spelling can make the venue close the whole connection.
public struct Coin: Hashable, Comparable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The venue's spelling.
    public let name: String

    /// Takes the spelling as it is; it is checked when a feed is subscribed to.
    public init(_ name: String) {
        self.name = name
    }

    /// Takes the spelling as it is; it is checked when a feed is subscribed to.
    public init(stringLiteral value: String) {
        name = value
    }

    /// Whether this is a spot pair or an outcome side, whose contexts come on a channel of their own.
    public var isSpotLike: Bool {
        name.utf8.first == UInt8(ascii: "@") || name.utf8.first == UInt8(ascii: "#")
            || name.utf8.contains(UInt8(ascii: "/"))
    }

    /// Orders by spelling.
    public static func < (lhs: Coin, rhs: Coin) -> Bool { lhs.name < rhs.name }

    /// The venue's spelling.
    public var description: String { name }

    func validate() throws(FeedParameterError) {
        let isPrintable = name.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        guard !name.isEmpty, name.utf8.count <= 64, isPrintable else {
            throw FeedParameterError(
                parameter: "coin", problem: "'\(name)' is no coin name",
                remedy: "use the venue's own spelling, for example BTC, kPEPE, xyz:SP500, PURR/USDC or @107")
        }
    }
}
