extension Trade {
    /// The trades of one message, straight through; what the last trade had is held against the next one's bytes.
    static func readAll(straight reader: inout StraightReader, into trades: inout [Trade]) -> Bool {
        guard reader.take("[") else { return false }
        var isWhole = false
        // An array made at its size asks the runtime for its type each time; one that is added to does not.
        trades.append(addingCapacity: reader.remainingByteCount / minimumByteCount + 1) { output in
            // A reader of its own, whose place can stay in a register.
            var own = reader
            var last = LastCoin()
            var lastTime = LastTime()
            // Of all trades together: one that fails sends the whole message to the reader of any order.
            var check = HexadecimalCheck()
            repeat {
                // As `append` asks it, which then asks no more.
                guard output.count < output.capacity, own.hasBytes(minimumByteCount), own.takeKnown(#"{"coin":""#)
                else { return }
                if !last.takeKnown(from: &own) {
                    guard let next = LastCoin(&own) else { return }
                    last = next
                }
                if let trade = Trade(knownStraight: &own, last.coin, &lastTime, &check) {
                    output.append(trade)
                } else {
                    guard let (trade, end) = read(unusual: own, last.coin, &check) else { return }
                    output.append(trade)
                    own.position = end
                }
            } while own.takeKnown(#""]},"#)
            isWhole = own.takeKnown(#""]}]"#) && check.isClean
            reader = own
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
        knownStraight reader: inout StraightReader, _ coin: Coin, _ lastTime: inout LastTime,
        _ check: inout HexadecimalCheck
    ) {
        var own = reader
        guard let side = Self.knownSide(&own), let price = own.knownShortDecimal(before: #"","sz":""#),
            let size = own.knownShortDecimal(before: #"","time":"#), let time = lastTime.readKnown(&own),
            let hash = Self.knownHash(&own), let tradeID = own.knownLongInteger(limit: 16), let buyer = Self.users(&own)
        else { return nil }
        reader = own
        check.look(at: reader, hashAt: hash)
        check.look(at: reader, addressesAt: buyer, buyer &+ 45)
        self.init(
            coin: coin, side: side, price: price, size: size, time: time, tradeID: tradeID,
            hashText: HashText(reader, knownAt: hash), buyerText: AddressText(reader, knownAt: buyer),
            sellerText: AddressText(reader, knownAt: buyer &+ 45))
    }

    /// The same with numbers of any length; and where it ends.
    @inline(never) private static func read(
        unusual reader: StraightReader, _ coin: Coin, _ check: inout HexadecimalCheck
    ) -> (Trade, end: Int)? {
        var own = reader
        guard let side = knownSide(&own), let price = own.decimal(before: #"","sz":""#),
            let size = own.decimal(before: #"","time":"#), let time = own.longInteger(), own.hasBytes(83),
            own.takeKnown(#","h"#), let hash = knownHash(&own), let tradeID = own.longInteger(),
            let buyer = users(&own)
        else { return nil }
        check.look(at: reader, hashAt: hash)
        check.look(at: reader, addressesAt: buyer, buyer &+ 45)
        let trade = Trade(
            coin: coin, side: side, price: price, size: size, time: time, tradeID: tradeID,
            hashText: HashText(reader, knownAt: hash), buyerText: AddressText(reader, knownAt: buyer),
            sellerText: AddressText(reader, knownAt: buyer &+ 45))
        return (trade, own.position)
    }

    /// `","side":"…","px":"`, of which the caller knows that so many bytes stand here.
    @inline(__always) private static func knownSide(_ reader: inout StraightReader) -> Side? {
        guard reader.takeKnown(#"","side":""#) else { return nil }
        let letter = UInt8(truncatingIfNeeded: reader.knownWord(at: reader.position))
        reader.position &+= 1
        guard letter &- UInt8(ascii: "A") < 2, reader.takeKnown(#"","px":""#) else { return nil }
        return Side(letter: letter)
    }

    /// `ash":"0x…","tid":`, of which the caller knows that so many bytes stand here: where the digits begin.
    @inline(__always) private static func knownHash(_ reader: inout StraightReader) -> Int? {
        guard reader.takeKnown(#"ash":"0x"#) else { return nil }
        let hash = reader.position
        reader.position &+= 64
        return reader.takeKnown(#"","tid":"#) ? hash : nil
    }

    /// `,"users":["0x…","0x…`, and four bytes behind it: where the buyer's digits begin; the seller's are 45 bytes on.
    @inline(__always) private static func users(_ reader: inout StraightReader) -> Int? {
        guard reader.hasBytes(102), reader.takeKnown(#","users":["0x"#) else { return nil }
        let buyer = reader.position
        reader.position &+= 40
        guard reader.takeKnown(#"","0x"#) else { return nil }
        reader.position &+= 40
        return buyer
    }
}

/// The coin of the last row: the next row's name is held against it at once.
private struct LastCoin {
    let coin: Coin
    /// The name's characters and its closing quote, seven and one at most; nothing is equal to a longer one.
    private let text: UInt64
    private let mask: UInt64
    private let count: Int

    init() { (coin, text, mask, count) = (Coin(Spelling(low: 0, high: 0, byteCount: 0)), 1, 0, 0) }

    /// Reads a name of up to 15 plain characters.
    init?(_ reader: inout StraightReader) {
        guard let word = reader.shortWord() else { return nil }
        coin = Coin(Spelling(low: word.low, high: word.high, byteCount: word.count))
        count = word.count
        let bits = UInt64(truncatingIfNeeded: 8 &* word.count)
        (text, mask) = bits < 64 ? (word.low | 0x22 &<< bits, ~0 &>> (56 &- bits)) : (1, 0)
    }

    /// Moves past the name, up to its closing quote, if it stands here; the caller knows that eight bytes do.
    @inline(__always) func takeKnown(from reader: inout StraightReader) -> Bool {
        guard reader.knownWord(at: reader.position) & mask == text else { return false }
        reader.position &+= count
        return true
    }
}

/// The time of the last row: the next row's mostly differs in the last five of its thirteen digits.
private struct LastTime {
    /// The first eight digits, and what they are worth. At first those of a day in 2001, for which that is as true.
    private var text: UInt64 = 0x3030_3030_3030_3031
    private var value: Int64 = 1_000_000_000_000

    /// A time of 9 to 15 digits and `,"h` behind it; the caller knows that nineteen bytes stand here.
    @inline(__always) mutating func readKnown(_ reader: inout StraightReader) -> Int64? {
        let position = reader.position
        let second = reader.knownWord(at: position &+ 8)
        let digits = (second ^ Swar.zeros) &<< 24
        guard reader.knownWord(at: position) == text, second &>> 40 == 0x68_222c, Swar.areDigits(digits) else {
            return read(&reader)
        }
        reader.position = position &+ 16
        return value &+ Int64(bitPattern: Swar.value(ofDigits: digits))
    }

    /// The same of another time, which is kept if it has thirteen digits.
    @inline(__always) private mutating func read(_ reader: inout StraightReader) -> Int64? {
        let start = reader.position
        guard let time = reader.knownLongInteger() else { return nil }
        if reader.position == start &+ 13 {
            text = reader.knownWord(at: start)
            value = time / 100_000 * 100_000
        }
        return reader.takeKnown(#","h"#) ? time : nil
    }
}
