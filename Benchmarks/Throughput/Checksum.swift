internal import Hyperliquid

/// An event that sums all its fields, modulo 2^64.
protocol Summable {
    var checksum: UInt64 { get }
    /// The time in the message; `nil` if it has none.
    var messageTime: Int64? { get }
}

extension ExactDecimal {
    /// The number times 10^6.
    @inline(__always) fileprivate var e6: UInt64 { UInt64(bitPattern: units(atScale: 6) ?? 0) }
}

extension Coin {
    @inline(__always) fileprivate var weight: UInt64 { 17 &* UInt64(truncatingIfNeeded: byteCount) }
}

extension Level {
    @inline(__always) fileprivate var checksum: UInt64 {
        price.e6 &+ 3 &* size.e6 &+ 5 &* UInt64(truncatingIfNeeded: orderCount)
    }
}

extension L2Book: Summable {
    var checksum: UInt64 {
        var sum = UInt64(truncatingIfNeeded: timeMilliseconds) &+ coin.weight
        for level in bids { sum &+= level.checksum }
        for level in asks { sum &+= level.checksum }
        return sum
    }
    var messageTime: Int64? { timeMilliseconds }
}

extension BestBidOffer: Summable {
    var checksum: UInt64 {
        var sum = UInt64(truncatingIfNeeded: timeMilliseconds) &+ coin.weight
        if let bid { sum &+= bid.checksum }
        if let ask { sum &+= ask.checksum }
        return sum
    }
    var messageTime: Int64? { timeMilliseconds }
}

extension Array: Summable where Element == Trade {
    var checksum: UInt64 {
        var sum: UInt64 = 0
        for trade in self {
            sum &+= trade.price.e6 &+ 3 &* trade.size.e6 &+ 5 &* UInt64(truncatingIfNeeded: trade.tradeID)
            sum &+=
                UInt64(truncatingIfNeeded: trade.timeMilliseconds) &+ trade.coin.weight &+ (trade.side == .buy ? 11 : 0)
        }
        return sum
    }
    var messageTime: Int64? { first?.timeMilliseconds }
}

extension AllMids: Summable {
    var checksum: UInt64 {
        var sum: UInt64 = 0
        for mid in self { sum &+= mid.price.e6 &+ mid.coin.weight }
        return sum
    }
    var messageTime: Int64? { nil }
}
