/// Reads the venue's usual form straight through: one key order, no white space, no escapes.
///
/// Whatever is written otherwise makes a step fail; then the any-order reader starts again at the same place, so
/// this one needs no rules for the unusual and its place stays in a register.
/// The second of the two types that read memory without the library's bounds checks: each access is in this file.
///
/// Three words; four at most: larger values are handed to a function through memory, and then every step keeps the
/// reader there because a rare one may be called. Places are addresses, so that one register holds one: with a base and
/// distances from it the base was brought from the stack for each access.
@safe struct FastPathReader: ~Escapable {
    private let start: Int
    /// Where it stands.
    var position: Int
    /// The last place from which eight bytes can be read.
    private let lastWordStart: Int

    @inline(__always) private var end: Int { lastWordStart &+ 8 }

    /// Begins where `reader` stands; nothing for a message too short for whole words.
    @inline(__always) @_lifetime(copy reader)
    init?(_ reader: borrowing MessageReader) {
        guard reader.byteCount >= 8, let start = unsafe reader.bytes.baseAddress else { return nil }
        self.start = Int(bitPattern: start)
        position = self.start &+ reader.cursor
        lastWordStart = self.start &+ reader.byteCount &- 8
    }

    /// Where it stands, in bytes from the message's start.
    @inline(__always) var byteOffset: Int { position &- start }

    /// Eight bytes from `place`, the first in the lowest place, zero behind the end.
    @inline(__always) func word(at place: Int) -> UInt64 {
        guard place <= lastWordStart else { return lastWord(at: place) }
        return unsafe Self.load(Self.bytes(at: place), 0)
    }

    /// Eight bytes from `place`, the first in the lowest place; the caller knows that they are there.
    @inline(__always) func uncheckedWord(at place: Int) -> UInt64 {
        unsafe Self.load(uncheckedPointer(place, 8), 0)
    }

    /// Sixteen bytes from `place`; the caller knows that they are there.
    @inline(__always) func uncheckedBytes(at place: Int) -> SIMD16<UInt8> {
        unsafe uncheckedPointer(place, 16).loadUnaligned(as: SIMD16<UInt8>.self)
    }

    /// The same of eight.
    @inline(__always) func uncheckedHalf(at place: Int) -> SIMD8<UInt8> {
        unsafe uncheckedPointer(place, 8).loadUnaligned(as: SIMD8<UInt8>.self)
    }

    @inline(__always) private func uncheckedPointer(_ place: Int, _ count: Int) -> UnsafeRawPointer {
        assert(place >= start && place &+ count <= end)
        return unsafe Self.bytes(at: place)
    }

    @inline(__always) private static func bytes(at place: Int) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(bitPattern: place).unsafelyUnwrapped
    }

    /// Whether so many bytes stand from here on.
    @inline(__always) func hasBytes(_ count: Int) -> Bool { position &+ count &- 8 <= lastWordStart }

    /// The bytes from `place` to the end, zero behind it.
    @inline(never) private func lastWord(at place: Int) -> UInt64 {
        guard place < end else { return 0 }
        let last = unsafe Self.load(Self.bytes(at: lastWordStart), 0)
        return last >> UInt64(8 * (place - lastWordStart))
    }

    /// Moves past `literal`, of 1 to 24 bytes, if it stands here.
    @inline(__always) mutating func take(_ literal: StaticString) -> Bool {
        hasBytes(literal.utf8CodeUnitCount) && takeUnchecked(literal)
    }

    /// Moves past `literal` if it stands here; the caller knows that so many bytes do.
    @inline(__always) mutating func takeUnchecked(_ literal: StaticString) -> Bool {
        takeUnchecked(literal, at: position)
    }

    /// Moves behind `literal` if it stands at `place`; the caller knows that so many bytes do.
    @inline(__always) mutating func takeUnchecked(_ literal: StaticString, at place: Int) -> Bool {
        guard isKnown(literal, at: place) else { return false }
        position = place &+ literal.utf8CodeUnitCount
        return true
    }

    /// Whether the bytes at `place`, which the caller knows to be there, are those of `literal`.
    ///
    /// Once compiled, one comparison with a constant for each eight bytes: the length is known then and no branch of
    /// this is left. A loop over the literal's bytes stayed a loop, at eight times the instructions.
    @inline(__always) private func isKnown(_ literal: StaticString, at place: Int) -> Bool {
        let count = literal.utf8CodeUnitCount
        let text = unsafe UnsafeRawPointer(literal.utf8Start)
        let own = unsafe uncheckedPointer(place, count)
        // The words overlap where the length is no multiple of their size; the last one is the farthest.
        if count == 1 { return unsafe own.load(as: UInt8.self) == text.load(as: UInt8.self) }
        if count < 4 { return unsafe Self.areEqual(own, text, count, UInt16.self) }
        if count < 8 { return unsafe Self.areEqual(own, text, count, UInt32.self) }
        guard unsafe Self.load(own, 0) == Self.load(text, 0) else { return false }
        // A constant of four bytes or fewer is part of the comparison, one of eight has to be brought first.
        if count == 9 {
            return unsafe own.load(fromByteOffset: 8, as: UInt8.self) == text.load(fromByteOffset: 8, as: UInt8.self)
        }
        if count > 9, count <= 12 { return unsafe Self.isLastEqual(own, text, count, UInt32.self) }
        if count > 12 { guard unsafe Self.isLastEqual(own, text, count, UInt64.self) else { return false } }
        return unsafe count <= 16 || Self.load(own, 8) == Self.load(text, 8)
    }

    /// Whether the first and the last so many bytes are the same.
    @inline(__always) private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ own: UnsafeRawPointer, _ text: UnsafeRawPointer, _ count: Int, _: Word.Type
    ) -> Bool {
        guard unsafe own.loadUnaligned(as: Word.self) == text.loadUnaligned(as: Word.self) else { return false }
        return unsafe count == MemoryLayout<Word>.size || isLastEqual(own, text, count, Word.self)
    }

    /// Whether the last so many of `count` bytes are the same.
    @inline(__always) private static func isLastEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ own: UnsafeRawPointer, _ text: UnsafeRawPointer, _ count: Int, _: Word.Type
    ) -> Bool {
        let last = count &- MemoryLayout<Word>.size
        return unsafe own.loadUnaligned(fromByteOffset: last, as: Word.self)
            == text.loadUnaligned(fromByteOffset: last, as: Word.self)
    }

    @inline(__always) private static func load(_ text: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: unsafe text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// How many bytes are left.
    var remainingByteCount: Int { end - position }

    /// The byte that comes next, zero at the end.
    @inline(__always) var nextByte: UInt8 { UInt8(truncatingIfNeeded: word(at: position)) }

    /// A word of up to 15 plain characters; begins behind the opening quote and ends at the closing one.
    @inline(__always) mutating func shortWord() -> ShortWord? {
        let first = word(at: position)
        let stops = MessageReader.stops(in: first)
        if stops != 0 {
            let bits = UInt64(truncatingIfNeeded: stops.trailingZeroBitCount) & 0x38
            guard UInt8(truncatingIfNeeded: first &>> bits) == 0x22 else { return nil }
            position &+= Int(bits &>> 3)
            return ShortWord(low: first & ((1 &<< bits) &- 1), high: 0, byteCount: Int(bits &>> 3))
        }
        let second = word(at: position &+ 8)
        let later = MessageReader.stops(in: second)
        let bits = UInt64(truncatingIfNeeded: later.trailingZeroBitCount) & 0x38
        guard later != 0, UInt8(truncatingIfNeeded: second &>> bits) == 0x22 else { return nil }
        position &+= 8 &+ Int(bits &>> 3)
        return ShortWord(low: first, high: second & ((1 &<< bits) &- 1), byteCount: 8 &+ Int(bits &>> 3))
    }
}

extension FastPathReader {
    /// A coin's name of up to 15 plain characters; begins and ends as a short word.
    @inline(__always) mutating func coin() -> Coin? {
        shortWord().map { Coin($0) }
    }
}

/// A word of up to 15 bytes that was just read, the first byte in the least significant place.
///
/// Not an ``InlineString16``: its length stays in a register of its own, because a coin, a channel and a route key each
/// put it in another place. Packed first, it would have to be taken out again.
struct ShortWord: Hashable {
    let low: UInt64
    let high: UInt64
    let byteCount: Int
}

extension Coin {
    @inline(__always) init(_ word: ShortWord) {
        self.init(InternedString(low: word.low, high: word.high, byteCount: word.byteCount))
    }
}

extension MessageReader {
    /// Tries the venue's usual form; when `read` gives nothing, the reader has not moved.
    @inline(__always) mutating func fast<Value>(_ read: (inout FastPathReader) -> Value?) -> Value? {
        guard triesFastPath, var fast = FastPathReader(self), let value = read(&fast) else { return nil }
        cursor = fast.byteOffset
        return value
    }
}

extension FastPathReader {
    /// What a rare writing spells, and where it ends.
    ///
    /// The ways to read rare writings do not move the reader themselves: a call that changes it would keep its place
    /// in memory, and every step of the usual writing would go there and back.
    private struct Found<Value> {
        let value: Value
        let end: Int
    }

    @inline(__always) private mutating func move<Value>(_ found: Found<Value>?) -> Value? {
        guard let found else { return nil }
        position = found.end
        return found.value
    }

    /// An integer of up to 19 digits without a sign.
    @inline(__always) mutating func integer() -> Int64? {
        shortInteger(in: word(at: position)) ?? move(readIntegerSlowly())
    }

    /// An integer of up to seven digits.
    @inline(__always) private mutating func shortInteger(in text: UInt64) -> Int64? {
        shortDigits(in: text, limit: 7).map { Int64(bitPattern: SWAR.value(ofDigits: $0)) }
    }

    /// An integer of up to four digits, as counts of orders and the like are; the caller knows that eight bytes stand
    /// here. Otherwise nothing, and the reader has not moved.
    @inline(__always) mutating func uncheckedShortInteger() -> Int64? {
        shortDigits(in: uncheckedWord(at: position), limit: 4).map { Int64(bitPattern: SWAR.value(ofFourDigits: $0)) }
    }

    /// The digits of an integer, up to seven, moved to the end of eight places.
    @inline(__always) private mutating func shortDigits(in text: UInt64, limit: UInt64) -> UInt64? {
        let values = text ^ SWAR.zeros
        let bits = UInt64(truncatingIfNeeded: SWAR.earlyNonDigits(values).trailingZeroBitCount)
        // A leading zero stands alone.
        guard bits &- 8 < 8 &* limit, UInt8(truncatingIfNeeded: values) != 0 || bits == 8 else { return nil }
        position &+= Int(bits &>> 3)
        return values &<< (64 &- bits)
    }

    /// An integer of up to 19 digits, where 9 to 15 are expected: of a time or an id.
    @inline(__always) mutating func longInteger() -> Int64? {
        guard hasBytes(16), let usual = uncheckedLongInteger() else { return integer() }
        return usual
    }

    /// An integer of 9 to 15 digits; the caller knows that sixteen bytes stand here. Otherwise nothing, and the reader
    /// has not moved. One of 16 digits, as every ninth trade's id is, for a caller that looks itself whether no digit
    /// follows.
    @inline(__always) mutating func uncheckedLongInteger(limit: UInt64 = 15) -> Int64? {
        let (first, second) = (uncheckedWord(at: position) ^ SWAR.zeros, uncheckedWord(at: position &+ 8) ^ SWAR.zeros)
        let bits = UInt64(truncatingIfNeeded: SWAR.earlyNonDigits(second).trailingZeroBitCount)
        guard SWAR.earlyNonDigits(first) == 0, first & 0xff != 0, bits &- 8 < 8 &* (limit &- 8) else { return nil }
        position &+= 8 &+ Int(bits &>> 3)
        return Int64(bitPattern: SWAR.value(ofDigits: first, second, bits: bits))
    }

    /// Eight digits and more.
    @inline(never) private func readIntegerSlowly() -> Found<Int64>? {
        let first = word(at: position)
        let firstDigits = first ^ SWAR.zeros
        guard SWAR.areDigits(firstDigits), first & 0xff != 0x30 else { return nil }
        let second = word(at: position &+ 8)
        let bits = SWAR.digitBits(second)
        let secondDigits = second ^ SWAR.zeros
        // The digits move to the end of sixteen places, zeros before them.
        let high = SWAR.value(ofDigits: firstDigits << (64 &- bits))
        let low = SWAR.value(ofDigits: secondDigits << (64 &- bits) | firstDigits >> bits)
        let value = Int64(bitPattern: high &* 100_000_000 &+ low)
        guard bits < 64 else { return veryLongInteger(value) }
        return Found(value: value, end: position &+ 8 &+ Int(bits &>> 3))
    }

    /// Up to three more digits behind the first 16: times in nanoseconds.
    private func veryLongInteger(_ high: Int64) -> Found<Int64>? {
        let third = word(at: position &+ 16)
        let bits = SWAR.digitBits(third)
        guard bits <= 24 else { return nil }
        let low = bits == 0 ? 0 : Int64(bitPattern: SWAR.value(ofDigits: (third ^ SWAR.zeros) &<< (64 &- bits)))
        let (product, isTooLarge) = high.multipliedReportingOverflow(by: ExactDecimal.smallPowerOfTen(Int(bits &>> 3)))
        let (sum, isSumTooLarge) = product.addingReportingOverflow(low)
        guard !isTooLarge, !isSumTooLarge else { return nil }
        return Found(value: sum, end: position &+ 16 &+ Int(bits &>> 3))
    }

    /// A decimal and the literal behind it, which begins with the closing quote; begins behind the opening one.
    @inline(__always) mutating func decimal(before literal: StaticString) -> ExactDecimal? {
        guard hasBytes(8 &+ literal.utf8CodeUnitCount), let usual = uncheckedShortDecimal(before: literal) else {
            return move(readDecimalSlowly(before: literal))
        }
        return usual
    }

    /// Digits, a point and digits, eight characters at most, as nearly every price and size is, and the literal behind
    /// them; the caller knows that so many bytes stand here. Otherwise nothing, and the reader has not moved.
    ///
    /// One search for what is no digit finds both ends, and the literal proves the second one.
    @inline(__always) mutating func uncheckedShortDecimal(before literal: StaticString) -> ExactDecimal? {
        let values = uncheckedWord(at: position) ^ SWAR.zeros
        let others = SWAR.earlyNonDigits(values)
        // A bit that is never a point: a count below 64 needs none of the care that one of 64 does.
        let pointBits = UInt64(truncatingIfNeeded: (others | 1 &<< 63).trailingZeroBitCount)
        let endBits = UInt64(truncatingIfNeeded: (others & (others &- 1)).trailingZeroBitCount)
        let tail = values &>> pointBits
        // A digit on either side of the point; a leading zero only right before it.
        guard pointBits &- 8 < endBits &- 16, UInt8(truncatingIfNeeded: tail) == 0x2e ^ 0x30,
            UInt8(truncatingIfNeeded: values) != 0 || pointBits == 8,
            takeUnchecked(literal, at: position &+ Int(endBits &>> 3))
        else { return nil }
        // The digits behind the point move one place down, over it.
        let digits = values &- (tail &- tail &>> 8) &<< pointBits
        let mantissa = SWAR.value(ofDigits: digits &<< (72 &- endBits))
        // Seven digits and a scale of up to six: all in the low word.
        return ExactDecimal(low: mantissa &<< 8 &+ (endBits &- pointBits) &>> 3 &- 1, high: 0)
    }

    /// A decimal without a point, of more than eight characters, or with a sign, and the literal behind it.
    @inline(never) private func readDecimalSlowly(before literal: StaticString) -> Found<ExactDecimal>? {
        guard let found = readDecimalSlowly() else { return nil }
        var own = self
        own.position = found.end
        return own.take(literal) ? Found(value: found.value, end: own.position) : nil
    }

    private func readDecimalSlowly() -> Found<ExactDecimal>? {
        let text = word(at: position)
        // 64 when the quote is not among the first eight characters: it must be the ninth then.
        let bits = UInt64(truncatingIfNeeded: SWAR.matches(text, 0x22).trailingZeroBitCount) & 0x78
        guard bits < 64 || UInt8(truncatingIfNeeded: word(at: position &+ 8)) == 0x22,
            let decimal = ExactDecimal(word: text, bits: bits)
        else { return longDecimal() }
        return Found(value: decimal, end: position &+ Int(bits &>> 3))
    }

    /// A decimal of more than eight characters, or with a sign.
    private func longDecimal() -> Found<ExactDecimal>? {
        let isNegative = nextByte == UInt8(ascii: "-")
        let start = isNegative ? position &+ 1 : position
        let (first, second) = (word(at: start), word(at: start &+ 8))
        var bits: UInt64 = 128
        let (early, late) = (SWAR.matches(first, 0x22), SWAR.matches(second, 0x22))
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
        return Found(value: decimal, end: start &+ Int(bits &>> 3))
    }

    /// A decimal of any length, digit by digit.
    private func veryLongDecimal() -> Found<ExactDecimal>? {
        var text = DecimalText()
        var index = position
        while true {
            let byte = UInt8(truncatingIfNeeded: word(at: index))
            if byte == UInt8(ascii: "\"") { break }
            guard text.append(byte) else { return nil }
            index += 1
        }
        return text.decimal.map { Found(value: $0, end: index) }
    }

    /// A decimal in quotes, or null; nothing when it is neither.
    @inline(__always) mutating func decimalOrNull() -> ExactDecimal?? {
        if take("null") { return .some(nil) }
        guard take("\""), let decimal = decimal(before: "\"") else { return nil }
        return decimal
    }
}
