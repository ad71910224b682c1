/// The literals of a trade in the venue's usual form, in their order, and the byte counts that follow from them.
private enum TradeText {
    @inline(__always) static var coin: StaticString { #"{"coin":""# }
    @inline(__always) static var side: StaticString { #"","side":""# }
    @inline(__always) static var price: StaticString { #"","px":""# }
    @inline(__always) static var size: StaticString { #"","sz":""# }
    @inline(__always) static var time: StaticString { #"","time":"# }
    /// Read together with the time in front of it; `hash` is the rest of the field's name.
    @inline(__always) static var hashStart: StaticString { #","h"# }
    @inline(__always) static var hash: StaticString { #"ash":"0x"# }
    @inline(__always) static var tradeID: StaticString { #"","tid":"# }
    @inline(__always) static var buyer: StaticString { #","users":["0x"# }
    @inline(__always) static var seller: StaticString { #"","0x"# }
    @inline(__always) static var next: StaticString { #""]},"# }
    @inline(__always) static var end: StaticString { #""]}]"# }

    @inline(__always) static var hashByteCount: Int { 64 }
    @inline(__always) static var addressByteCount: Int { 40 }
    @inline(__always) static var sideByteCount: Int { 1 }

    /// The number of bytes from the first digit of the buyer to the first digit of the seller.
    @inline(__always) static var sellerOffset: Int { addressByteCount &+ seller.utf8CodeUnitCount }

    /// The byte count of the hash with the literals in front of it and behind it.
    @inline(__always) static var hashPartByteCount: Int {
        hashStart.utf8CodeUnitCount &+ hash.utf8CodeUnitCount &+ hashByteCount &+ tradeID.utf8CodeUnitCount
    }

    /// The byte count of both users with the literals in front of them and behind them.
    @inline(__always) static var usersPartByteCount: Int {
        buyer.utf8CodeUnitCount &+ sellerOffset &+ addressByteCount &+ next.utf8CodeUnitCount
    }

    /// The byte count of the shortest trade: the coin's name is empty, and the four numbers have one digit each.
    @inline(__always) static var shortest: Int {
        coin.utf8CodeUnitCount &+ side.utf8CodeUnitCount &+ sideByteCount &+ price.utf8CodeUnitCount &+ 1
            &+ size.utf8CodeUnitCount &+ 1 &+ time.utf8CodeUnitCount &+ 1 &+ hashPartByteCount &+ 1
            &+ usersPartByteCount
    }

    /// The maximum number of bytes that are read of a trade in front of its users: a name of 15 characters, two
    /// decimals of eight, a time of 15 digits, and the sixteen bytes in which the trade's id is found.
    static var longestHead: Int {
        coin.utf8CodeUnitCount + InlineString16.maximumByteCount + side.utf8CodeUnitCount + sideByteCount
            + price.utf8CodeUnitCount + 8 + size.utf8CodeUnitCount + 8 + time.utf8CodeUnitCount + 15
            + hashPartByteCount + 16
    }

    /// The maximum number of bytes that are read in front of the price, whatever the length of the numbers.
    static var longestSidePart: Int {
        coin.utf8CodeUnitCount + InlineString16.maximumByteCount + side.utf8CodeUnitCount + 8
    }
}

extension Trade {
    /// Reads the trades of one message, on the fast path. The coin and time of each trade are compared with
    /// those of the trade before it.
    static func readAll(
        fast reader: inout FastPathReader, into trades: inout [Trade], after last: inout TradeMemo
    ) -> Bool {
        // One check per trade covers all unchecked reads in front of its users. `users(_:)` makes its own check.
        assert(TradeText.longestHead <= TradeText.shortest && TradeText.longestSidePart <= TradeText.shortest)
        assert(TradeText.next.utf8CodeUnitCount == TradeText.end.utf8CodeUnitCount)
        guard reader.take("[") else { return false }
        var isWhole = false
        // Creating an array with its size looks up its type at run time for each message; appending does not.
        trades.append(addingCapacity: reader.remainingByteCount / TradeText.shortest + 1) { output in
            // A local copy of the reader, so that its position can stay in a register.
            var own = reader
            var (lastCoin, lastTime) = (last.coin, last.time)
            // One check for all trades: if it fails, the whole message goes to the any-order reader.
            var check = HexadecimalCheck()
            repeat {
                // `append` tests the first condition too; the compiler then leaves it out there.
                guard output.count < output.capacity, own.hasBytes(TradeText.shortest),
                    own.takeUnchecked(TradeText.coin)
                else { return }
                if !lastCoin.takeUnchecked(from: &own) {
                    guard let next = TradeMemo.Name(&own) else { return }
                    lastCoin = next
                }
                if let trade = Trade(uncheckedFast: &own, lastCoin.coin, &lastTime, &check) {
                    output.append(trade)
                } else {
                    guard let (trade, end) = readSlowly(own, lastCoin.coin, &check) else { return }
                    output.append(trade)
                    own.position = end
                }
            } while own.takeUnchecked(TradeText.next)
            isWhole = own.takeUnchecked(TradeText.end) && check.isClean
            (reader, last) = (own, TradeMemo(coin: lastCoin, time: lastTime))
        }
        return isWhole
    }

    /// Reads a trade with numbers of the usual lengths, from behind its coin's name to the seller's last digit.
    ///
    /// `TradeText.shortest` bytes must exist from the beginning of the trade; `readAll` has checked it. They cover all
    /// reads in front of the users. `users(_:)` itself checks the bytes of the users and of the literal behind them.
    @inline(__always) private init?(
        uncheckedFast reader: inout FastPathReader, _ coin: Coin, _ lastTime: inout TradeMemo.Time,
        _ check: inout HexadecimalCheck
    ) {
        var own = reader
        guard let side = Self.uncheckedSide(&own), let price = own.uncheckedShortDecimal(before: TradeText.size),
            let size = own.uncheckedShortDecimal(before: TradeText.time), let time = lastTime.readUnchecked(&own),
            let hash = Self.uncheckedHash(&own), let tradeID = own.uncheckedLongInteger(limit: 16),
            let buyer = Self.users(&own)
        else { return nil }
        reader = own
        check.look(at: reader, hashAt: hash)
        check.look(at: reader, addressesAt: buyer, buyer &+ TradeText.sellerOffset)
        self.init(
            coin: coin, side: side, price: price, size: size, timeMilliseconds: time, tradeID: tradeID,
            hashText: HashText(reader, uncheckedAt: hash), buyerText: AddressText(reader, uncheckedAt: buyer),
            sellerText: AddressText(reader, uncheckedAt: buyer &+ TradeText.sellerOffset))
    }

    /// Reads the same part of a trade with numbers of any length, and returns the trade and the position behind it.
    @inline(never) private static func readSlowly(
        _ reader: FastPathReader, _ coin: Coin, _ check: inout HexadecimalCheck
    ) -> (Trade, end: Int)? {
        var own = reader
        guard let side = uncheckedSide(&own), let price = own.decimal(before: TradeText.size),
            let size = own.decimal(before: TradeText.time), let time = own.longInteger(),
            own.hasBytes(TradeText.hashPartByteCount), own.takeUnchecked(TradeText.hashStart),
            let hash = uncheckedHash(&own), let tradeID = own.longInteger(), let buyer = users(&own)
        else { return nil }
        check.look(at: reader, hashAt: hash)
        check.look(at: reader, addressesAt: buyer, buyer &+ TradeText.sellerOffset)
        let trade = Trade(
            coin: coin, side: side, price: price, size: size, timeMilliseconds: time, tradeID: tradeID,
            hashText: HashText(reader, uncheckedAt: hash), buyerText: AddressText(reader, uncheckedAt: buyer),
            sellerText: AddressText(reader, uncheckedAt: buyer &+ TradeText.sellerOffset))
        return (trade, own.position)
    }

    /// Reads `","side":"…","px":"`. That many bytes must be left; `readAll` has checked it.
    @inline(__always) private static func uncheckedSide(_ reader: inout FastPathReader) -> Side? {
        guard reader.takeUnchecked(TradeText.side) else { return nil }
        let letter = UInt8(truncatingIfNeeded: reader.uncheckedWord(at: reader.position))
        reader.position &+= TradeText.sideByteCount
        guard letter &- UInt8(ascii: "A") < 2, reader.takeUnchecked(TradeText.price) else { return nil }
        return Side(letter: letter)
    }

    /// Reads `ash":"0x…","tid":` and returns the position of the digits. That many bytes must be left; both callers
    /// have checked it.
    @inline(__always) private static func uncheckedHash(_ reader: inout FastPathReader) -> Int? {
        guard reader.takeUnchecked(TradeText.hash) else { return nil }
        let hash = reader.position
        reader.position &+= TradeText.hashByteCount
        return reader.takeUnchecked(TradeText.tradeID) ? hash : nil
    }

    /// Reads `,"users":["0x…","0x…` and returns the position of the buyer's digits. Checks that these bytes
    /// and the literal behind the seller are left.
    @inline(__always) private static func users(_ reader: inout FastPathReader) -> Int? {
        guard reader.hasBytes(TradeText.usersPartByteCount), reader.takeUnchecked(TradeText.buyer) else { return nil }
        let buyer = reader.position
        reader.position &+= TradeText.addressByteCount
        guard reader.takeUnchecked(TradeText.seller) else { return nil }
        reader.position &+= TradeText.addressByteCount
        return buyer
    }
}

/// The 64 lower-case digits of a hash as the venue writes them. They are checked when read, and converted to a number
/// only on demand.
///
/// Converting the hash and the users of each trade took two thirds of the instructions of reading it, and few
/// subscribers look at them.
struct HashText: Hashable, Sendable {
    // Words instead of vectors, whose alignment would turn every array of trades into an aligned allocation.
    private let words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the 64 characters at `start`. They must exist; the caller has checked it. Before the value is used, a
    /// ``HexadecimalCheck`` must have shown that they are digits.
    @inline(__always) init(_ reader: borrowing FastPathReader, uncheckedAt start: Int) {
        words = (
            reader.uncheckedWord(at: start), reader.uncheckedWord(at: start &+ 8),
            reader.uncheckedWord(at: start &+ 16),
            reader.uncheckedWord(at: start &+ 24), reader.uncheckedWord(at: start &+ 32),
            reader.uncheckedWord(at: start &+ 40),
            reader.uncheckedWord(at: start &+ 48), reader.uncheckedWord(at: start &+ 56)
        )
    }

    init(_ hash: TransactionHash) {
        let (first, second, third, fourth) = hash.words
        let text = (
            Hexadecimal.text(first), Hexadecimal.text(second), Hexadecimal.text(third), Hexadecimal.text(fourth)
        )
        words = (
            text.0.high, text.0.low, text.1.high, text.1.low, text.2.high, text.2.low, text.3.high, text.3.low
        )
    }

    var hash: TransactionHash {
        TransactionHash(
            Hexadecimal.word(words.0, words.1), Hexadecimal.word(words.2, words.3),
            Hexadecimal.word(words.4, words.5), Hexadecimal.word(words.6, words.7))
    }

    static func == (lhs: HashText, rhs: HashText) -> Bool { lhs.hash == rhs.hash }

    func hash(into hasher: inout Hasher) { hasher.combine(hash) }
}

/// The 40 lower-case digits of an address, kept as in a ``HashText``; all bits are zero if there is no address.
struct AddressText: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the 40 characters at `start`. They must exist; the caller has checked it. Before the value is used, a
    /// ``HexadecimalCheck`` must have shown that they are digits.
    @inline(__always) init(_ reader: borrowing FastPathReader, uncheckedAt start: Int) {
        words = (
            reader.uncheckedWord(at: start), reader.uncheckedWord(at: start &+ 8),
            reader.uncheckedWord(at: start &+ 16),
            reader.uncheckedWord(at: start &+ 24), reader.uncheckedWord(at: start &+ 32)
        )
    }

    init(_ address: Address?) {
        guard let address else {
            words = (0, 0, 0, 0, 0)
            return
        }
        let (high, middle) = (Hexadecimal.text(address.high), Hexadecimal.text(address.middle))
        words = (high.high, high.low, middle.high, middle.low, Hexadecimal.text(address.low))
    }

    var address: Address? {
        guard words.0 != 0 else { return nil }
        return Address(
            high: Hexadecimal.word(words.0, words.1), middle: Hexadecimal.word(words.2, words.3),
            low: UInt32(truncatingIfNeeded: Hexadecimal.eightDigits(words.4) ?? 0))
    }

    static func == (lhs: AddressText, rhs: AddressText) -> Bool { lhs.address == rhs.address }

    func hash(into hasher: inout Hasher) { hasher.combine(address) }
}

extension Hexadecimal {
    /// The number that 16 digits spell. All characters must be digits.
    fileprivate static func word(_ high: UInt64, _ low: UInt64) -> UInt64 {
        (eightDigits(high) ?? 0) << 32 | (eightDigits(low) ?? 0)
    }

    /// The sixteen lower-case digits of a number.
    fileprivate static func text(_ number: UInt64) -> (high: UInt64, low: UInt64) {
        (text(UInt32(truncatingIfNeeded: number >> 32)), text(UInt32(truncatingIfNeeded: number)))
    }
}

/// Checks that characters are digits or lower-case letters of hexadecimal numbers, sixteen at once.
///
/// It keeps the bits that are set in all characters, because vectors of bytes would be compared one byte after the
/// other. A search over combinations of four operations found several such checks; this one needs the fewest vectors.
struct HexadecimalCheck {
    private var plusSix = SIMD16<UInt8>(repeating: 0xff)
    private var plusHalf = SIMD16<UInt8>(repeating: 0xff)
    private var plusRest = SIMD16<UInt8>(repeating: 0xff)

    /// Checks sixteen characters.
    @inline(__always) mutating func look(at text: SIMD16<UInt8>) {
        // In these two sums the bits tested below are set for characters from 0x21 to 0x39 and from 0x61 to 0x79 only.
        plusSix &= text &+ SIMD16(repeating: 0x06)
        plusHalf &= text &+ SIMD16(repeating: 0x7f)
        // For those characters, this value lacks bit 0x40 from 0x21 to 0x26, bit 0x10 from 0x27 to 0x2f, and bit 0x80
        // from 0x67 to 0x79.
        plusRest &= text &+ SIMD16(repeating: 0x99) | text
    }

    /// Checks the 64 characters of a hash. All must exist; the caller has checked it.
    @inline(__always) mutating func look(at reader: borrowing FastPathReader, hashAt start: Int) {
        look(at: reader.uncheckedBytes(at: start))
        look(at: reader.uncheckedBytes(at: start &+ 16))
        look(at: reader.uncheckedBytes(at: start &+ 32))
        look(at: reader.uncheckedBytes(at: start &+ 48))
    }

    /// Checks the 40 characters of each of two addresses. All must exist; the caller has checked it.
    @inline(__always)
    mutating func look(at reader: borrowing FastPathReader, addressesAt first: Int, _ second: Int) {
        look(at: reader.uncheckedBytes(at: first))
        look(at: reader.uncheckedBytes(at: first &+ 16))
        look(at: reader.uncheckedBytes(at: second))
        look(at: reader.uncheckedBytes(at: second &+ 16))
        // Eight characters of each address are left.
        look(
            at: SIMD16(lowHalf: reader.uncheckedHalf(at: first &+ 32), highHalf: reader.uncheckedHalf(at: second &+ 32))
        )
    }

    /// Whether all characters so far were digits or letters from `a` to `f`.
    @inline(__always) var isClean: Bool {
        let isSixSet = Self.areSet(plusSix, 0x20), isHalfSet = Self.areSet(plusHalf, 0xa0)
        return isSixSet && isHalfSet && Self.areSet(plusRest, 0xd0)
    }

    /// Returns whether each byte has these bits.
    private static func areSet(_ bytes: SIMD16<UInt8>, _ bits: UInt8) -> Bool {
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        let all = SWAR.ones &* UInt64(bits)
        return words[0] & words[1] & all == all
    }
}

/// The coin and the time of the last trade. The next trade of this feed, in this message or another, usually has the
/// same coin and nearly the same time.
struct TradeMemo {
    var coin = Name()
    var time = Time()

    /// The name of the last trade's coin, in a form that is compared with the next trade's in one step.
    struct Name {
        let coin: Coin
        /// The characters of the name, seven at most, and its closing quote. For a longer name, a value that no masked
        /// bytes equal.
        private let text: UInt64
        private let mask: UInt64
        private let count: Int

        init() { (coin, text, mask, count) = (Coin(InternedString(low: 0, high: 0, byteCount: 0)), 1, 0, 0) }

        /// Reads a name of up to 15 plain characters.
        init?(_ reader: inout FastPathReader) {
            guard let word = reader.shortWord() else { return nil }
            coin = Coin(word)
            count = word.byteCount
            let bits = UInt64(truncatingIfNeeded: 8 &* word.byteCount)
            (text, mask) = bits < 64 ? (word.low | 0x22 &<< bits, ~0 &>> (56 &- bits)) : (1, 0)
        }

        /// Moves past the name, up to its closing quote, if the message has it here. Eight bytes must be left;
        /// `readAll` has checked it.
        @inline(__always) func takeUnchecked(from reader: inout FastPathReader) -> Bool {
            guard reader.uncheckedWord(at: reader.position) & mask == text else { return false }
            reader.position &+= count
            return true
        }
    }

    /// The time of the last trade. The next trade's time usually differs only in the last five of its thirteen digits.
    struct Time {
        /// The first eight digits and their value. The initial digits are those of a time in 2001; any others would do.
        private var text: UInt64 = 0x3030_3030_3030_3031
        private var value: Int64 = 1_000_000_000_000

        /// Reads a time of 9 to 15 digits and `,"h` behind it. Nineteen bytes must be left; `readAll` has checked it.
        @inline(__always) mutating func readUnchecked(_ reader: inout FastPathReader) -> Int64? {
            let position = reader.position
            let second = reader.uncheckedWord(at: position &+ 8)
            let digits = (second ^ SWAR.zeros) &<< 24
            guard reader.uncheckedWord(at: position) == text, second &>> 40 == 0x68_222c, SWAR.areDigits(digits) else {
                return read(&reader)
            }
            reader.position = position &+ 16
            return value &+ Int64(bitPattern: SWAR.value(ofDigits: digits))
        }

        /// Reads a time with other first digits or of another length. Keeps its first digits if it has thirteen.
        @inline(__always) private mutating func read(_ reader: inout FastPathReader) -> Int64? {
            let start = reader.position
            guard let time = reader.uncheckedLongInteger() else { return nil }
            if reader.position == start &+ 13 {
                text = reader.uncheckedWord(at: start)
                value = time / 100_000 * 100_000
            }
            return reader.takeUnchecked(#","h"#) ? time : nil
        }
    }
}
