/// How far a stream has shown the market.
struct StreamCursor: Hashable, Sendable {
    /// When it said something last, in milliseconds since 1970.
    var time: Int64
    /// How many rows, trades or versions it has shown.
    var position = 0
    /// The prices to which the next change of the compressed contexts applies: mark and doubled mid of each coin.
    var prices: [Int64] = []
}
