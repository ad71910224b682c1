internal import HyperliquidWire

/// A position in a perpetual, in size units and millionths of a USDC.
struct Holding: Hashable, Sendable {
    /// The coin's place in the listing.
    let coin: Int
    let leverage: Int
    /// Negative when short.
    var size: Int64 = 0
    /// Size times entry price, with the sign of the size.
    var cost: Int64 = 0
    var fundingEver: Int64 = 0
    var fundingSinceOpen: Int64 = 0
    var fundingSinceChange: Int64 = 0

    /// Takes a fill in and gives the profit that it realised.
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

    /// What a fill does to it, in the venue's words.
    func direction(of change: Int64) -> String {
        let after = size + change
        if size == 0 || (size > 0) == (change > 0) { return change > 0 ? "Open Long" : "Open Short" }
        if after == 0 || (after > 0) == (size > 0) { return size > 0 ? "Close Long" : "Close Short" }
        return size > 0 ? "Long > Short" : "Short > Long"
    }
}

extension Instrument {
    /// A product of ticks and size units in millionths of the quote.
    func millionths(_ product: Int64) -> Int64 {
        let scale = priceScale + sizeScale
        return scale <= 6 ? product * powerOfTen(6 - scale) : product / powerOfTen(scale - 6)
    }
}

/// A balance of a token, in hundred-millionths.
struct TokenBalance: Hashable, Sendable {
    let token: Int
    var total: Int64
    /// What it cost, in millionths of a USDC.
    var cost: Int64
}
