extension Trade {
    /// The trades of one message, on the fast path; what the last trade had is held against the next one's bytes.
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

/// The 64 lower-case digits of a hash as the venue writes them: checked, and made a number when somebody asks.
///
/// To make the numbers of a trade's hash and users took two thirds of the instructions of reading a trade, and few
/// who follow trades look at them.
struct HashText: Hashable, Sendable {
    // Words and no vectors: a vector's alignment would make every array of trades an aligned allocation.
    private let words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the 64 characters from `start`, which the caller knows to be there and to be digits.
    @inline(__always) init(_ reader: borrowing FastPathReader, knownAt start: Int) {
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

/// The 40 lower-case digits of an address, in the same way, or zeros for none.
struct AddressText: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the 40 characters from `start`, which the caller knows to be there and to be digits.
    @inline(__always) init(_ reader: borrowing FastPathReader, knownAt start: Int) {
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
    /// The number that 16 digits spell, which are known to be digits.
    fileprivate static func word(_ high: UInt64, _ low: UInt64) -> UInt64 {
        (eightDigits(high) ?? 0) << 32 | (eightDigits(low) ?? 0)
    }

    /// The sixteen lower-case digits of a number.
    fileprivate static func text(_ number: UInt64) -> (high: UInt64, low: UInt64) {
        (text(UInt32(truncatingIfNeeded: number >> 32)), text(UInt32(truncatingIfNeeded: number)))
    }
}

/// Whether characters are all digits or lower-case letters of hexadecimal numbers, sixteen at once.
///
/// By sums whose bits are kept as long as they are set in all: vectors of bytes are compared one byte after the other.
/// Of the ways with four operations, which a search went through, one with the fewest vectors to keep.
struct HexadecimalCheck {
    private var plusSix = SIMD16<UInt8>(repeating: 0xff)
    private var plusHalf = SIMD16<UInt8>(repeating: 0xff)
    private var plusRest = SIMD16<UInt8>(repeating: 0xff)

    /// Looks at sixteen characters.
    @inline(__always) mutating func look(at text: SIMD16<UInt8>) {
        // The bits asked for below stand in these two of all from 0x21 to 0x39 and from 0x61 to 0x79, and of no others.
        plusSix &= text &+ SIMD16(repeating: 0x06)
        plusHalf &= text &+ SIMD16(repeating: 0x7f)
        // Of those, this one lacks 0x40 up to 0x26, 0x10 up to 0x2f and 0x80 from 0x67 on.
        plusRest &= text &+ SIMD16(repeating: 0x99) | text
    }

    /// Looks at the 64 characters of a hash.
    @inline(__always) mutating func look(at reader: borrowing FastPathReader, hashAt start: Int) {
        look(at: reader.uncheckedBytes(at: start))
        look(at: reader.uncheckedBytes(at: start &+ 16))
        look(at: reader.uncheckedBytes(at: start &+ 32))
        look(at: reader.uncheckedBytes(at: start &+ 48))
    }

    /// Looks at the 40 characters of each of two addresses.
    @inline(__always)
    mutating func look(at reader: borrowing FastPathReader, addressesAt first: Int, _ second: Int) {
        look(at: reader.uncheckedBytes(at: first))
        look(at: reader.uncheckedBytes(at: first &+ 16))
        look(at: reader.uncheckedBytes(at: second))
        look(at: reader.uncheckedBytes(at: second &+ 16))
        // Eight are left of each.
        look(
            at: SIMD16(lowHalf: reader.uncheckedHalf(at: first &+ 32), highHalf: reader.uncheckedHalf(at: second &+ 32))
        )
    }

    /// Whether all were.
    @inline(__always) var isClean: Bool {
        let isSixSet = Self.areSet(plusSix, 0x20), isHalfSet = Self.areSet(plusHalf, 0xa0)
        return isSixSet && isHalfSet && Self.areSet(plusRest, 0xd0)
    }

    /// Whether each byte has these bits.
    private static func areSet(_ bytes: SIMD16<UInt8>, _ bits: UInt8) -> Bool {
        let words = unsafe unsafeBitCast(bytes, to: SIMD2<UInt64>.self)
        let all = SWAR.ones &* UInt64(bits)
        return words[0] & words[1] & all == all
    }
}

/// What the next trade of a coin, in this message or another, is held against: as far as it has the same, it is known.
struct TradeMemo {
    var coin = Name()
    var time = Time()

    /// The coin of the last trade: the next one's name is held against it at once.
    struct Name {
        let coin: Coin
        /// The name's characters and its closing quote, seven and one at most; nothing is equal to a longer one.
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

        /// Moves past the name, up to its closing quote, if it stands here; the caller knows that eight bytes do.
        @inline(__always) func takeUnchecked(from reader: inout FastPathReader) -> Bool {
            guard reader.uncheckedWord(at: reader.position) & mask == text else { return false }
            reader.position &+= count
            return true
        }
    }

    /// The time of the last trade: the next one's mostly differs in the last five of its thirteen digits.
    struct Time {
        /// The first eight digits, and what they are worth. At first those of a day in 2001, for which that is as true.
        private var text: UInt64 = 0x3030_3030_3030_3031
        private var value: Int64 = 1_000_000_000_000

        /// A time of 9 to 15 digits and `,"h` behind it; the caller knows that nineteen bytes stand here.
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

        /// The same of another time, which is kept if it has thirteen digits.
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
