internal import HyperliquidWire

/// An account's position in a perpetual. Sizes are in size units of the instrument, money is in millionths of a USDC.
struct PerpetualPosition: Hashable, Sendable {
    /// The coin's index in the listing.
    let coin: Int
    let leverage: Int
    /// The size of the position; negative if it is short.
    private(set) var size: Int64 = 0
    /// Size times entry price, with the sign of the size.
    private(set) var cost: Int64 = 0
    private(set) var fundingAllTime: Int64 = 0
    private(set) var fundingSinceOpen: Int64 = 0
    private(set) var fundingSinceChange: Int64 = 0

    init(coin: Int, leverage: Int) {
        self.coin = coin
        self.leverage = leverage
    }

    mutating func pay(funding amount: Int64) {
        fundingAllTime += amount
        fundingSinceOpen += amount
        fundingSinceChange += amount
    }

    /// Applies a fill, and returns the profit that it realises.
    ///
    /// - Parameters:
    ///   - change: The size of the fill, negative for a sale.
    ///   - price: The price of the fill, in ticks.
    mutating func apply(_ change: Int64, price: Int64, _ instrument: Instrument) -> Int64 {
        fundingSinceChange = 0
        var profit: Int64 = 0
        var opening = change
        if size != 0, (size > 0) != (change > 0) {
            let closed = min(size.magnitude, change.magnitude)
            let signed = size > 0 ? Int64(closed) : -Int64(closed)
            let costPart = Int64(Int128(cost) * Int128(signed) / Int128(size))
            profit = instrument.millionths(price * signed) - costPart
            size -= signed
            cost -= costPart
            opening += signed
        }
        if opening != 0 {
            if size == 0 { (cost, fundingSinceOpen) = (0, 0) }
            size += opening
            cost += instrument.millionths(price * opening)
        }
        return profit
    }

    /// The direction of a fill of this size, in the venue's words.
    func direction(of change: Int64) -> String {
        let after = size + change
        if size == 0 || (size > 0) == (change > 0) { return change > 0 ? "Open Long" : "Open Short" }
        if after == 0 || (after > 0) == (size > 0) { return size > 0 ? "Close Long" : "Close Short" }
        return size > 0 ? "Long > Short" : "Short > Long"
    }
}

/// An account's balance of a token.
struct TokenBalance: Hashable, Sendable {
    /// The token's index.
    let token: Int
    /// The amount, in hundred-millionths of the token.
    var total: Int64
    /// The price paid for the amount, in millionths of a USDC.
    var cost: Int64
}
