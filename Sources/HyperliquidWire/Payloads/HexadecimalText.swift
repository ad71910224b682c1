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
