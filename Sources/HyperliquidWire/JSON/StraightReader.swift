/// Reads the venue's usual writing straight through: one key order, no white space, no escapes.
///
/// Whatever is written otherwise makes a step fail; then the any-order reader starts again at the same place, so
/// this one needs no rules for the unusual and its place stays in a register.
/// The second of the two types that read memory without the library's bounds checks: `word(at:)` is the only access.
@safe struct StraightReader: ~Escapable {
    @usableFromInline let base: UnsafeRawPointer
    /// Where it stands, in bytes from the message's start.
    var position: Int
    private let end: Int
    /// The last place from which eight bytes can be read.
    private let lastWordStart: Int

    /// Begins where `reader` stands; nothing for a message too short for whole words.
    @inline(__always) @_lifetime(copy reader)
    init?(_ reader: borrowing MessageReader) {
        guard reader.byteCount >= 8, let start = unsafe reader.bytes.baseAddress else { return nil }
        unsafe base = UnsafeRawPointer(start)
        position = reader.cursor
        end = reader.byteCount
        lastWordStart = reader.byteCount &- 8
    }

    /// Eight bytes from `index`, the first in the lowest place, zero behind the end.
    @inline(__always) func word(at index: Int) -> UInt64 {
        guard index <= lastWordStart else { return lastWord(at: index) }
        return UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// The bytes from `index` to the end, zero behind it.
    @inline(never) private func lastWord(at index: Int) -> UInt64 {
        guard index < end else { return 0 }
        let last = UInt64(littleEndian: unsafe base.loadUnaligned(fromByteOffset: lastWordStart, as: UInt64.self))
        return last >> UInt64(8 * (index - lastWordStart))
    }

    /// Moves past `literal`, of 1 to 24 bytes, if it stands here.
    ///
    /// Once compiled, one comparison with a constant for each eight bytes: the length is known then and no branch of
    /// this is left. A loop over the literal's bytes stayed a loop, at eight times the instructions.
    @inline(__always) mutating func take(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        let text = unsafe UnsafeRawPointer(literal.utf8Start)
        if count < 8 {
            let difference = word(at: position) ^ (unsafe Self.short(text, count))
            guard difference &<< UInt64(truncatingIfNeeded: 64 &- 8 &* count) == 0 else { return false }
        } else {
            // The words overlap where the length is no multiple of eight.
            guard word(at: position) == (unsafe Self.load(text, 0)) else { return false }
            if count > 16 {
                guard word(at: position &+ 8) == (unsafe Self.load(text, 8)) else { return false }
            }
            if count > 8 {
                guard word(at: position &+ count &- 8) == (unsafe Self.load(text, count &- 8)) else { return false }
            }
        }
        position &+= count
        return true
    }

    @inline(__always) private static func load(_ text: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// One to seven bytes of a literal.
    @inline(__always) private static func short(_ text: UnsafeRawPointer, _ count: Int) -> UInt64 {
        if count == 1 { return UInt64(unsafe text.load(as: UInt8.self)) }
        if count < 4 {
            let head = unsafe text.loadUnaligned(as: UInt16.self)
            let tail = unsafe text.loadUnaligned(fromByteOffset: count &- 2, as: UInt16.self)
            return UInt64(UInt16(littleEndian: head))
                | UInt64(UInt16(littleEndian: tail)) &<< UInt64(truncatingIfNeeded: 8 &* count &- 16)
        }
        // The halves overlap where the length is less than eight.
        let head = unsafe text.loadUnaligned(as: UInt32.self)
        let tail = unsafe text.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
        return UInt64(UInt32(littleEndian: head))
            | UInt64(UInt32(littleEndian: tail)) &<< UInt64(truncatingIfNeeded: 8 &* count &- 32)
    }

    /// How many bytes are left.
    var remainingByteCount: Int { end - position }

    /// The byte that comes next, zero at the end.
    @inline(__always) var nextByte: UInt8 { UInt8(truncatingIfNeeded: word(at: position)) }

    /// An integer of up to 16 digits without a sign.
    @inline(__always) mutating func integer() -> Int64? {
        let first = word(at: position)
        let bits = Swar.digitBits(first)
        // Counts of orders and the like have up to seven digits; a leading zero stands alone.
        guard bits &- 8 < 56, first & 0xff != 0x30 || bits == 8 else { return longInteger() }
        position &+= Int(bits &>> 3)
        return Int64(bitPattern: Swar.value(ofDigits: (first ^ Swar.zeros) &<< (64 &- bits)))
    }

    /// Times and ids: eight digits and up to eight more.
    @inline(never) private mutating func longInteger() -> Int64? {
        let first = word(at: position)
        guard Swar.digitBits(first) == 64, first & 0xff != 0x30 else { return nil }
        let second = word(at: position &+ 8)
        let bits = Swar.digitBits(second)
        let high = Int64(bitPattern: Swar.value(ofDigits: first ^ Swar.zeros))
        guard bits < 64 else {
            guard UInt8(truncatingIfNeeded: word(at: position &+ 16)) &- 0x30 > 9 else { return nil }
            position &+= 16
            return high &* 100_000_000 &+ Int64(bitPattern: Swar.value(ofDigits: second ^ Swar.zeros))
        }
        position &+= 8 &+ Int(bits &>> 3)
        guard bits > 0 else { return high }
        let low = Int64(bitPattern: Swar.value(ofDigits: (second ^ Swar.zeros) &<< (64 &- bits)))
        return high &* Swar.power(Int(bits &>> 3)) &+ low
    }

    /// A decimal of up to 16 characters; begins behind the opening quote and ends at the closing one.
    @inline(__always) mutating func decimal() -> ExactDecimal? {
        let text = word(at: position)
        // 64 when the quote is not among the first eight characters: it must be the ninth then.
        let bits = UInt64(truncatingIfNeeded: Swar.matches(text, 0x22).trailingZeroBitCount) & 0x78
        guard bits < 64 || UInt8(truncatingIfNeeded: word(at: position &+ 8)) == 0x22,
            let decimal = ExactDecimal(word: text, bits: bits)
        else { return longDecimal() }
        position &+= Int(bits &>> 3)
        return decimal
    }

    /// A decimal of more than eight characters, or with a sign.
    @inline(never) private mutating func longDecimal() -> ExactDecimal? {
        let isNegative = nextByte == UInt8(ascii: "-")
        let start = isNegative ? position &+ 1 : position
        let (first, second) = (word(at: start), word(at: start &+ 8))
        var bits: UInt64 = 128
        let (early, late) = (Swar.matches(first, 0x22), Swar.matches(second, 0x22))
        if early != 0 {
            bits = UInt64(early.trailingZeroBitCount) & 0x38
        } else if late != 0 {
            bits = 64 + UInt64(late.trailingZeroBitCount) & 0x38
        } else if UInt8(truncatingIfNeeded: word(at: start &+ 16)) != 0x22 {
            return veryLongDecimal()
        }
        guard let decimal = ExactDecimal(low: first, high: second, bits: bits, isNegative: isNegative) else {
            return nil
        }
        position = start &+ Int(bits &>> 3)
        return decimal
    }

    /// A decimal of any length, digit by digit.
    private mutating func veryLongDecimal() -> ExactDecimal? {
        var text = DecimalText()
        var index = position
        while true {
            let byte = UInt8(truncatingIfNeeded: word(at: index))
            if byte == UInt8(ascii: "\"") { break }
            guard text.append(byte) else { return nil }
            index += 1
        }
        position = index
        return text.decimal
    }

    /// A decimal in quotes, or null; nothing when it is neither.
    @inline(__always) mutating func decimalOrNull() -> ExactDecimal?? {
        if take("null") { return .some(nil) }
        guard take("\""), let decimal = decimal(), take("\"") else { return nil }
        return decimal
    }

    /// The 64 digits of a hash; begins behind `0x`.
    @inline(__always) mutating func hash() -> TransactionHash? {
        guard let first = hexadecimalWord(), let second = hexadecimalWord(), let third = hexadecimalWord(),
            let fourth = hexadecimalWord()
        else { return nil }
        return TransactionHash(first, second, third, fourth)
    }

    /// The 40 digits of an address; begins behind `0x`.
    @inline(__always) mutating func address() -> Address? {
        guard let high = hexadecimalWord(), let middle = hexadecimalWord(),
            let low = Hexadecimal.eightDigits(word(at: position))
        else { return nil }
        position &+= 8
        return Address(high: high, middle: middle, low: UInt32(truncatingIfNeeded: low))
    }

    @inline(__always) private mutating func hexadecimalWord() -> UInt64? {
        guard let upper = Hexadecimal.eightDigits(word(at: position)),
            let lower = Hexadecimal.eightDigits(word(at: position &+ 8))
        else { return nil }
        position &+= 16
        return upper &<< 32 | lower
    }

    /// A word of up to 15 plain characters; begins behind the opening quote and ends at the closing one.
    @inline(__always) mutating func shortWord() -> PackedWord? {
        let first = word(at: position)
        let stops = MessageReader.stops(in: first)
        if stops != 0 {
            let bits = UInt64(truncatingIfNeeded: stops.trailingZeroBitCount) & 0x38
            guard UInt8(truncatingIfNeeded: first &>> bits) == 0x22 else { return nil }
            position &+= Int(bits &>> 3)
            return PackedWord(low: first & ((1 &<< bits) &- 1), high: 0, count: Int(bits &>> 3))
        }
        let second = word(at: position &+ 8)
        let later = MessageReader.stops(in: second)
        let bits = UInt64(truncatingIfNeeded: later.trailingZeroBitCount) & 0x38
        guard later != 0, UInt8(truncatingIfNeeded: second &>> bits) == 0x22 else { return nil }
        position &+= 8 &+ Int(bits &>> 3)
        return PackedWord(low: first, high: second & ((1 &<< bits) &- 1), count: 8 &+ Int(bits &>> 3))
    }
}

/// A word of up to 15 bytes, the first in the lowest place.
struct PackedWord: Hashable {
    let low: UInt64
    let high: UInt64
    let count: Int
}

extension MessageReader {
    /// Tries the venue's usual writing; when `read` gives nothing, the reader has not moved.
    @inline(__always) mutating func straight<Value>(_ read: (inout StraightReader) -> Value?) -> Value? {
        guard triesUsualWriting, var straight = StraightReader(self), let value = read(&straight) else { return nil }
        cursor = straight.position
        return value
    }
}
