extension Trade {
    /// The trades of one message, straight through; what the last trade had is held against the next one's bytes.
    static func readAll(
        fast reader: inout FastPathReader, into trades: inout [Trade], after last: inout TradeMemo
    ) -> Bool {
        guard reader.take("[") else { return false }
        var isWhole = false
        // An array made at its size asks the runtime for its type each time; one that is added to does not.
        trades.append(addingCapacity: reader.remainingByteCount / minimumByteCount + 1) { output in
            // A reader of its own, whose place can stay in a register.
            var own = reader
            var (lastCoin, lastTime) = (last.coin, last.time)
            // Of all trades together: one that fails sends the whole message to the reader of any order.
            var check = HexadecimalCheck()
            repeat {
                // As `append` asks it, which then asks no more.
                guard output.count < output.capacity, own.hasBytes(minimumByteCount), own.takeUnchecked(#"{"coin":""#)
                else { return }
                if !lastCoin.takeUnchecked(from: &own) {
                    guard let next = TradeMemo.Name(&own) else { return }
                    lastCoin = next
                }
                if let trade = Trade(uncheckedFast: &own, lastCoin.coin, &lastTime, &check) {
                    output.append(trade)
                } else {
                    guard let (trade, end) = read(unusual: own, lastCoin.coin, &check) else { return }
                    output.append(trade)
                    own.position = end
                }
            } while own.takeUnchecked(#""]},"#)
            isWhole = own.takeUnchecked(#""]}]"#) && check.isClean
            (reader, last) = (own, TradeMemo(coin: lastCoin, time: lastTime))
        }
        return isWhole
    }

    /// The shortest trade, in the usual writing.
    private static var minimumByteCount: Int { 234 }

    /// `","side":"…","px":"…","sz":"…","time":…,"hash":"0x…","tid":…,"users":["0x…","0x…`, and four bytes behind it,
    /// with numbers of the usual lengths. The caller knows that the shortest trade's length stands from the trade's
    /// beginning on: with a name of at most 15 characters and numbers that are found in 8 or 16, all before the users
    /// is read within 191 bytes.
    @inline(__always) private init?(
        uncheckedFast reader: inout FastPathReader, _ coin: Coin, _ lastTime: inout TradeMemo.Time,
        _ check: inout HexadecimalCheck
    ) {
        var own = reader
        guard let side = Self.uncheckedSide(&own), let price = own.uncheckedShortDecimal(before: #"","sz":""#),
            let size = own.uncheckedShortDecimal(before: #"","time":"#), let time = lastTime.readUnchecked(&own),
            let hash = Self.uncheckedHash(&own), let tradeID = own.uncheckedLongInteger(limit: 16),
            let buyer = Self.users(&own)
        else { return nil }
        reader = own
        check.look(at: reader, hashAt: hash)
        check.look(at: reader, addressesAt: buyer, buyer &+ 45)
        self.init(
            coin: coin, side: side, price: price, size: size, timeMilliseconds: time, tradeID: tradeID,
            hashText: HashText(reader, knownAt: hash), buyerText: AddressText(reader, knownAt: buyer),
            sellerText: AddressText(reader, knownAt: buyer &+ 45))
    }

    /// The same with numbers of any length; and where it ends.
    @inline(never) private static func read(
        unusual reader: FastPathReader, _ coin: Coin, _ check: inout HexadecimalCheck
    ) -> (Trade, end: Int)? {
        var own = reader
        guard let side = uncheckedSide(&own), let price = own.decimal(before: #"","sz":""#),
            let size = own.decimal(before: #"","time":"#), let time = own.longInteger(), own.hasBytes(83),
            own.takeUnchecked(#","h"#), let hash = uncheckedHash(&own), let tradeID = own.longInteger(),
            let buyer = users(&own)
        else { return nil }
        check.look(at: reader, hashAt: hash)
        check.look(at: reader, addressesAt: buyer, buyer &+ 45)
        let trade = Trade(
            coin: coin, side: side, price: price, size: size, timeMilliseconds: time, tradeID: tradeID,
            hashText: HashText(reader, knownAt: hash), buyerText: AddressText(reader, knownAt: buyer),
            sellerText: AddressText(reader, knownAt: buyer &+ 45))
        return (trade, own.position)
    }

    /// `","side":"…","px":"`, of which the caller knows that so many bytes stand here.
    @inline(__always) private static func uncheckedSide(_ reader: inout FastPathReader) -> Side? {
        guard reader.takeUnchecked(#"","side":""#) else { return nil }
        let letter = UInt8(truncatingIfNeeded: reader.uncheckedWord(at: reader.position))
        reader.position &+= 1
        guard letter &- UInt8(ascii: "A") < 2, reader.takeUnchecked(#"","px":""#) else { return nil }
        return Side(letter: letter)
    }

    /// `ash":"0x…","tid":`, of which the caller knows that so many bytes stand here: where the digits begin.
    @inline(__always) private static func uncheckedHash(_ reader: inout FastPathReader) -> Int? {
        guard reader.takeUnchecked(#"ash":"0x"#) else { return nil }
        let hash = reader.position
        reader.position &+= 64
        return reader.takeUnchecked(#"","tid":"#) ? hash : nil
    }

    /// `,"users":["0x…","0x…`, and four bytes behind it: where the buyer's digits begin; the seller's are 45 bytes on.
    @inline(__always) private static func users(_ reader: inout FastPathReader) -> Int? {
        guard reader.hasBytes(102), reader.takeUnchecked(#","users":["0x"#) else { return nil }
        let buyer = reader.position
        reader.position &+= 40
        guard reader.takeUnchecked(#"","0x"#) else { return nil }
        reader.position &+= 40
        return buyer
    }
}
