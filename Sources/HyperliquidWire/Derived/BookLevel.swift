/// One price level of an ``OrderBook``, with where it comes from.
public struct BookLevel: Hashable, Sendable {
    /// Price, size and number of orders, as the venue sent them.
    public let level: Level
    /// The feed that said so.
    public let source: BookSource
    /// When it was so, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64

    /// Makes a level.
    public init(_ level: Level, source: BookSource, timeMilliseconds: Int64) {
        self.level = level
        self.source = source
        self.timeMilliseconds = timeMilliseconds
    }

    /// Price, in quote units a base unit.
    public var price: ExactDecimal { level.price }
    /// The size of all orders at this price, in base units.
    public var size: ExactDecimal { level.size }
    /// How many orders stand at this price.
    public var orderCount: Int { level.orderCount }
}
