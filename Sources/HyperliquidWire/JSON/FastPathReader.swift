/// Reads the venue's usual writing straight through: one key order, no white space, no escapes.
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

extension FastPathReader {
    /// A coin's name of up to 15 plain characters; begins and ends as a short word.
    @inline(__always) mutating func coin() -> Coin? {
        shortWord().map { Coin($0) }
    }
}

/// A word of up to 15 bytes, the first in the lowest place.
struct PackedWord: Hashable {
    let low: UInt64
    let high: UInt64
    let count: Int
}

extension Coin {
    @inline(__always) init(_ word: PackedWord) {
        self.init(InternedString(low: word.low, high: word.high, byteCount: word.count))
    }
}

extension MessageReader {
    /// Tries the venue's usual writing; when `read` gives nothing, the reader has not moved.
    @inline(__always) mutating func fast<Value>(_ read: (inout FastPathReader) -> Value?) -> Value? {
        guard triesFastPath, var fast = FastPathReader(self), let value = read(&fast) else { return nil }
        cursor = fast.byteOffset
        return value
    }
}
