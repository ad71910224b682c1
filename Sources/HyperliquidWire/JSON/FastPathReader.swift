/// Reads the venue's usual form of a message: one order of keys, no white space, no escapes.
///
/// A step that meets anything else fails. The any-order reader then starts again at the same position, so this one
/// needs no rules for other forms and its position stays in a register.
///
/// The second of the two types that read memory without bounds checks: each access is in this file. A function named
/// `unchecked…` or `takeUnchecked` reads without a check; its documentation names the bytes that must exist, and its
/// caller has checked them with ``hasBytes(_:)``. Assertions verify it in debug builds and under the fuzzers.
///
/// The reader has three words and must not have more than four: a larger value is passed to functions in memory, and
/// then every step would keep it there, because a rare step may be a call. Positions are addresses, so that each needs
/// only one register; with a base and offsets from it, the base was loaded from the stack for each access.
@safe struct FastPathReader: ~Escapable {
    private let start: Int
    /// The address of the next byte.
    var position: Int
    /// The last address from which eight bytes can be read.
    private let lastWordStart: Int

    @inline(__always) private var end: Int { lastWordStart &+ 8 }

    /// Starts at the position of `reader`; `nil` for a message of fewer than eight bytes.
    @inline(__always) @_lifetime(copy reader)
    init?(_ reader: borrowing MessageReader) {
        guard reader.byteCount >= 8, let start = unsafe reader.bytes.baseAddress else { return nil }
        self.start = Int(bitPattern: start)
        position = self.start &+ reader.cursor
        lastWordStart = self.start &+ reader.byteCount &- 8
    }

    /// The position in bytes from the message's start.
    @inline(__always) var byteOffset: Int { position &- start }

    /// Eight bytes from `address`, the first one in the least significant place, with zeros behind the end of the
    /// message.
    @inline(__always) func word(at address: Int) -> UInt64 {
        guard address <= lastWordStart else { return lastWord(at: address) }
        return unsafe Self.load(Self.bytes(at: address), 0)
    }

    /// Eight bytes from `address`, the first one in the least significant place. All eight must be in the message;
    /// the caller has checked it.
    @inline(__always) func uncheckedWord(at address: Int) -> UInt64 {
        unsafe Self.load(uncheckedPointer(address, 8), 0)
    }

    /// Sixteen bytes from `address`. All sixteen must be in the message; the caller has checked it.
    @inline(__always) func uncheckedBytes(at address: Int) -> SIMD16<UInt8> {
        unsafe uncheckedPointer(address, 16).loadUnaligned(as: SIMD16<UInt8>.self)
    }

    /// Eight bytes from `address` as a vector. All eight must be in the message; the caller has checked it.
    @inline(__always) func uncheckedHalf(at address: Int) -> SIMD8<UInt8> {
        unsafe uncheckedPointer(address, 8).loadUnaligned(as: SIMD8<UInt8>.self)
    }

    @inline(__always) private func uncheckedPointer(_ address: Int, _ count: Int) -> UnsafeRawPointer {
        assert(address >= start && address &+ count <= end)
        return unsafe Self.bytes(at: address)
    }

    @inline(__always) private static func bytes(at address: Int) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(bitPattern: address).unsafelyUnwrapped
    }

    /// Returns whether at least `count` bytes are left.
    @inline(__always) func hasBytes(_ count: Int) -> Bool { position &+ count &- 8 <= lastWordStart }

    /// The bytes from `address` to the end of the message, with zeros behind them.
    @inline(never) private func lastWord(at address: Int) -> UInt64 {
        guard address < end else { return 0 }
        let last = unsafe Self.load(Self.bytes(at: lastWordStart), 0)
        return last >> UInt64(8 * (address - lastWordStart))
    }

    /// Moves past `literal`, of 1 to 24 bytes, if the message has it here.
    @inline(__always) mutating func take(_ literal: StaticString) -> Bool {
        hasBytes(literal.utf8CodeUnitCount) && takeUnchecked(literal)
    }

    /// Moves past `literal` if the message has it here. As many bytes must be left; the caller has checked it.
    @inline(__always) mutating func takeUnchecked(_ literal: StaticString) -> Bool {
        takeUnchecked(literal, at: position)
    }

    /// Moves behind `literal` if the message has it at `address`. As many bytes must follow there; the caller has
    /// checked it.
    @inline(__always) mutating func takeUnchecked(_ literal: StaticString, at address: Int) -> Bool {
        guard matches(literal, at: address) else { return false }
        position = address &+ literal.utf8CodeUnitCount
        return true
    }

    /// Returns whether the bytes at `address` are those of `literal`. As many bytes must follow there; the caller has
    /// checked it.
    ///
    /// Compiles to one comparison with a constant per eight bytes: the length is known at compile time, and no branch
    /// on it remains. A loop over the literal's bytes stayed a loop, with eight times the instructions.
    @inline(__always) private func matches(_ literal: StaticString, at address: Int) -> Bool {
        let count = literal.utf8CodeUnitCount
        let text = unsafe UnsafeRawPointer(literal.utf8Start)
        let own = unsafe uncheckedPointer(address, count)
        // The words overlap if the length is no multiple of their size; the last one ends at the last byte.
        if count == 1 { return unsafe own.load(as: UInt8.self) == text.load(as: UInt8.self) }
        if count < 4 { return unsafe Self.areEqual(own, text, count, UInt16.self) }
        if count < 8 { return unsafe Self.areEqual(own, text, count, UInt32.self) }
        guard unsafe Self.load(own, 0) == Self.load(text, 0) else { return false }
        // A constant of up to four bytes is part of the comparing instruction; one of eight is loaded first.
        if count == 9 {
            return unsafe own.load(fromByteOffset: 8, as: UInt8.self) == text.load(fromByteOffset: 8, as: UInt8.self)
        }
        if count > 9, count <= 12 { return unsafe Self.isLastEqual(own, text, count, UInt32.self) }
        if count > 12 { guard unsafe Self.isLastEqual(own, text, count, UInt64.self) else { return false } }
        return unsafe count <= 16 || Self.load(own, 8) == Self.load(text, 8)
    }

    /// Returns whether the first `Word` of both texts is equal, and also the last one, which may overlap the first.
    @inline(__always) private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ own: UnsafeRawPointer, _ text: UnsafeRawPointer, _ count: Int, _: Word.Type
    ) -> Bool {
        guard unsafe own.loadUnaligned(as: Word.self) == text.loadUnaligned(as: Word.self) else { return false }
        return unsafe count == MemoryLayout<Word>.size || isLastEqual(own, text, count, Word.self)
    }

    /// Returns whether the last `Word` within the first `count` bytes of both texts is equal.
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

    /// The number of bytes that are left.
    var remainingByteCount: Int { end - position }

    /// The next byte; 0 at the end.
    @inline(__always) var nextByte: UInt8 { UInt8(truncatingIfNeeded: word(at: position)) }

    /// Reads a word of up to 15 plain characters, from behind the opening quote to before the closing one.
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
    /// Reads a coin's name of up to 15 plain characters, from behind the opening quote to before the closing one.
    @inline(__always) mutating func coin() -> Coin? {
        shortWord().map { Coin($0) }
    }
}

/// A word of up to 15 bytes that was just read, the first byte in the least significant place.
///
/// Not an ``InlineString16``: the length stays in a register of its own, because a coin, a channel and a route key each
/// store it in a different place. If it were packed here, it would have to be unpacked again.
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
    /// Tries the fast path. If `read` returns `nil`, the reader does not move.
    @inline(__always) mutating func fast<Value>(_ read: (inout FastPathReader) -> Value?) -> Value? {
        guard triesFastPath, var fast = FastPathReader(self), let value = read(&fast) else { return nil }
        cursor = fast.byteOffset
        return value
    }
}

extension FastPathReader {
    /// A value in a rare form, and the position behind it.
    ///
    /// Functions that read rare forms do not move the reader themselves. A call that changes the reader would keep
    /// its position in memory, and every step of the usual form would load and store it there.
    private struct Found<Value> {
        let value: Value
        let end: Int
    }

    @inline(__always) private mutating func move<Value>(_ found: Found<Value>?) -> Value? {
        guard let found else { return nil }
        position = found.end
        return found.value
    }

    /// Reads an integer of up to 19 digits without a sign.
    @inline(__always) mutating func integer() -> Int64? {
        shortInteger(in: word(at: position)) ?? move(readIntegerSlowly())
    }

    /// Reads an integer of up to seven digits.
    @inline(__always) private mutating func shortInteger(in text: UInt64) -> Int64? {
        shortDigits(in: text, limit: 7).map { Int64(bitPattern: SWAR.value(ofDigits: $0)) }
    }

    /// Reads an integer of up to four digits, such as a number of orders; otherwise returns `nil` and does not move.
    /// Eight bytes must be left; the caller has checked it.
    @inline(__always) mutating func uncheckedShortInteger() -> Int64? {
        shortDigits(in: uncheckedWord(at: position), limit: 4).map { Int64(bitPattern: SWAR.value(ofFourDigits: $0)) }
    }

    /// Reads the digits of an integer, at most `limit` of them, and returns them moved to the end of eight bytes.
    @inline(__always) private mutating func shortDigits(in text: UInt64, limit: UInt64) -> UInt64? {
        let values = text ^ SWAR.zeros
        let bits = UInt64(truncatingIfNeeded: SWAR.earlyNonDigits(values).trailingZeroBitCount)
        // A leading zero must be the only digit.
        guard bits &- 8 < 8 &* limit, UInt8(truncatingIfNeeded: values) != 0 || bits == 8 else { return nil }
        position &+= Int(bits &>> 3)
        return values &<< (64 &- bits)
    }

    /// Reads an integer of up to 19 digits, where 9 to 15 are expected: a time or an id.
    @inline(__always) mutating func longInteger() -> Int64? {
        guard hasBytes(16), let value = uncheckedLongInteger() else { return integer() }
        return value
    }

    /// Reads an integer of 9 to `limit` digits; otherwise returns `nil` and does not move. Sixteen bytes must be
    /// left; the caller has checked it.
    ///
    /// With a limit of 16, as every ninth trade's id needs, the caller must check that no digit follows.
    @inline(__always) mutating func uncheckedLongInteger(limit: UInt64 = 15) -> Int64? {
        let (first, second) = (uncheckedWord(at: position) ^ SWAR.zeros, uncheckedWord(at: position &+ 8) ^ SWAR.zeros)
        let bits = UInt64(truncatingIfNeeded: SWAR.earlyNonDigits(second).trailingZeroBitCount)
        guard SWAR.earlyNonDigits(first) == 0, first & 0xff != 0, bits &- 8 < 8 &* (limit &- 8) else { return nil }
        position &+= 8 &+ Int(bits &>> 3)
        return Int64(bitPattern: SWAR.value(ofDigits: first, second, bits: bits))
    }

    /// Reads an integer of eight or more digits.
    @inline(never) private func readIntegerSlowly() -> Found<Int64>? {
        let first = word(at: position)
        let firstDigits = first ^ SWAR.zeros
        guard SWAR.areDigits(firstDigits), first & 0xff != 0x30 else { return nil }
        let second = word(at: position &+ 8)
        let bits = SWAR.digitBits(second)
        let secondDigits = second ^ SWAR.zeros
        // The digits move to the end of sixteen bytes, with zeros before them.
        let high = SWAR.value(ofDigits: firstDigits << (64 &- bits))
        let low = SWAR.value(ofDigits: secondDigits << (64 &- bits) | firstDigits >> bits)
        let value = Int64(bitPattern: high &* 100_000_000 &+ low)
        guard bits < 64 else { return veryLongInteger(value) }
        return Found(value: value, end: position &+ 8 &+ Int(bits &>> 3))
    }

    /// Reads up to three more digits behind the first 16, as times in nanoseconds have.
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

    /// Reads a decimal, from behind the opening quote, and the literal behind it, which begins with the closing
    /// quote.
    @inline(__always) mutating func decimal(before literal: StaticString) -> ExactDecimal? {
        guard hasBytes(8 &+ literal.utf8CodeUnitCount), let value = uncheckedShortDecimal(before: literal) else {
            return move(readDecimalSlowly(before: literal))
        }
        return value
    }

    /// Reads digits, a point and digits, eight characters at most, as nearly all prices and sizes have, and the
    /// literal behind them; otherwise returns `nil` and does not move. Eight bytes and the literal's must be left;
    /// the caller has checked it.
    ///
    /// One search for bytes other than digits finds both ends, and the literal confirms the second one.
    @inline(__always) mutating func uncheckedShortDecimal(before literal: StaticString) -> ExactDecimal? {
        let values = uncheckedWord(at: position) ^ SWAR.zeros
        let others = SWAR.earlyNonDigits(values)
        // The extra bit keeps the count below 64, so that no shift needs a check.
        let pointBits = UInt64(truncatingIfNeeded: (others | 1 &<< 63).trailingZeroBitCount)
        let endBits = UInt64(truncatingIfNeeded: (others & (others &- 1)).trailingZeroBitCount)
        let tail = values &>> pointBits
        // A digit on either side of the point; a leading zero only directly before it.
        guard pointBits &- 8 < endBits &- 16, UInt8(truncatingIfNeeded: tail) == 0x2e ^ 0x30,
            UInt8(truncatingIfNeeded: values) != 0 || pointBits == 8,
            takeUnchecked(literal, at: position &+ Int(endBits &>> 3))
        else { return nil }
        // The digits behind the point move down by one byte, over the point.
        let digits = values &- (tail &- tail &>> 8) &<< pointBits
        let mantissa = SWAR.value(ofDigits: digits &<< (72 &- endBits))
        // Seven digits at most, and a scale of six at most: everything fits in the low word.
        return ExactDecimal(low: mantissa &<< 8 &+ (endBits &- pointBits) &>> 3 &- 1, high: 0)
    }

    /// Reads a decimal without a point, with more than eight characters or with a sign, and the literal behind it.
    @inline(never) private func readDecimalSlowly(before literal: StaticString) -> Found<ExactDecimal>? {
        guard let found = readDecimalSlowly() else { return nil }
        var own = self
        own.position = found.end
        return own.take(literal) ? Found(value: found.value, end: own.position) : nil
    }

    private func readDecimalSlowly() -> Found<ExactDecimal>? {
        let text = word(at: position)
        // 64 if the quote is not among the first eight characters: then it must be the ninth.
        let bits = UInt64(truncatingIfNeeded: SWAR.matches(text, 0x22).trailingZeroBitCount) & 0x78
        guard bits < 64 || UInt8(truncatingIfNeeded: word(at: position &+ 8)) == 0x22,
            let decimal = ExactDecimal(word: text, bits: bits)
        else { return longDecimal() }
        return Found(value: decimal, end: position &+ Int(bits &>> 3))
    }

    /// Reads a decimal with more than eight characters or with a sign.
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

    /// Reads a decimal of any length, digit by digit.
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

    /// Reads a decimal in quotes, or null; `nil` if there is neither.
    @inline(__always) mutating func decimalOrNull() -> ExactDecimal?? {
        if take("null") { return .some(nil) }
        guard take("\""), let decimal = decimal(before: "\"") else { return nil }
        return decimal
    }
}
