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
            count = word.count
            let bits = UInt64(truncatingIfNeeded: 8 &* word.count)
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
