extension Trade {
    /// The trades of one message, straight through; they name one coin, which is read once.
    static func readAll(straight reader: inout StraightReader) -> [Trade]? {
        guard reader.take("[") else { return nil }
        var trades: [Trade] = []
        var isWhole = false
        // An array made at its size asks the runtime for its type each time; one that is added to does not.
        trades.append(addingCapacity: reader.remainingByteCount / minimumByteCount + 1) { output in
            // A reader of its own, whose place can stay in a register.
            var own = reader
            var last = LastCoin()
            repeat {
                guard !output.isFull, own.hasBytes(minimumByteCount), own.takeKnown(#"{"coin":""#) else { return }
                if !last.takeKnown(from: &own) {
                    guard let next = LastCoin(&own) else { return }
                    last = next
                }
                if let trade = Trade(knownStraight: &own, last.coin) {
                    output.append(trade)
                } else {
                    guard let (trade, end) = read(unusual: own, last.coin) else { return }
                    output.append(trade)
                    own.position = end
                }
            } while own.take(",")
            isWhole = own.take("]")
            reader = own
        }
        return isWhole ? trades : nil
    }

    /// The shortest trade, in the usual writing.
    private static var minimumByteCount: Int { 234 }

    /// `","side":"…","px":"…","sz":"…","time":…,"hash":"0x…","tid":…,"users":["0x…","0x…"]}` with numbers of the usual
    /// lengths. The caller knows that the shortest trade's length stands from the trade's beginning on: with a name of
    /// at most 15 characters and numbers that are found in 8 or 16, all before the users is read within 191 bytes.
    @inline(__always) private init?(knownStraight reader: inout StraightReader, _ coin: Coin) {
        var own = reader
        guard let side = Self.knownSide(&own), let price = own.knownShortDecimal(before: #"","sz":""#),
            let size = own.knownShortDecimal(before: #"","time":"#), let time = own.knownLongInteger(),
            let hash = Self.knownHash(&own), let tradeID = own.knownLongInteger(), let texts = Texts(&own, hash: hash)
        else { return nil }
        reader = own
        self.init(
            coin: coin, side: side, price: price, size: size, time: time, tradeID: tradeID, hashText: texts.hash,
            buyerText: texts.buyer, sellerText: texts.seller)
    }

    /// The same with numbers of any length; and where it ends.
    @inline(never) private static func read(unusual reader: StraightReader, _ coin: Coin) -> (Trade, end: Int)? {
        var own = reader
        guard let side = knownSide(&own), let price = own.decimal(before: #"","sz":""#),
            let size = own.decimal(before: #"","time":"#), let time = own.longInteger(), own.hasBytes(83),
            let hash = knownHash(&own), let tradeID = own.longInteger(), let texts = Texts(&own, hash: hash)
        else { return nil }
        let trade = Trade(
            coin: coin, side: side, price: price, size: size, time: time, tradeID: tradeID, hashText: texts.hash,
            buyerText: texts.buyer, sellerText: texts.seller)
        return (trade, own.position)
    }

    /// `","side":"…","px":"`, of which the caller knows that so many bytes stand here.
    @inline(__always) private static func knownSide(_ reader: inout StraightReader) -> Side? {
        guard reader.takeKnown(#"","side":""#) else { return nil }
        let isBuy = reader.takeKnown("B")
        guard isBuy || reader.takeKnown("A"), reader.takeKnown(#"","px":""#) else { return nil }
        return isBuy ? .buy : .sell
    }

    /// `,"hash":"0x…","tid":`, of which the caller knows that so many bytes stand here: where the digits begin.
    @inline(__always) private static func knownHash(_ reader: inout StraightReader) -> Int? {
        guard reader.takeKnown(#","hash":"0x"#) else { return nil }
        let hash = reader.position
        reader.position &+= 64
        return reader.takeKnown(#"","tid":"#) ? hash : nil
    }

    /// The hash and both users.
    private struct Texts {
        let hash: HashText
        let buyer: AddressText
        let seller: AddressText

        /// `,"users":["0x…","0x…"]}`, and the 64 digits from `hash`, which the caller knows to be there.
        @inline(__always) init?(_ reader: inout StraightReader, hash: Int) {
            guard reader.hasBytes(101), reader.takeKnown(#","users":["0x"#) else { return nil }
            let buyer = reader.position
            reader.position &+= 40
            guard reader.takeKnown(#"","0x"#) else { return nil }
            let seller = reader.position
            reader.position &+= 40
            var check = HexadecimalCheck()
            check.look(at: reader, hashAt: hash)
            check.look(at: reader, addressAt: buyer)
            check.look(at: reader, addressAt: seller)
            guard check.isClean, reader.takeKnown(#""]}"#) else { return nil }
            self.hash = HashText(reader, knownAt: hash)
            self.buyer = AddressText(reader, knownAt: buyer)
            self.seller = AddressText(reader, knownAt: seller)
        }
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
