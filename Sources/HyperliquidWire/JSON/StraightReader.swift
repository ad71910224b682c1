/// Reads the venue's usual writing straight through: one key order, no white space, no escapes.
///
/// Whatever is written otherwise makes a step fail; then the any-order reader starts again at the same place, so
/// this one needs no rules for the unusual and its place stays in a register.
/// The second of the two types that read memory without the library's bounds checks: each access is in this file.
///
/// Three words; four at most: larger values are handed to a function through memory, and then every step keeps the reader
/// there because a rare one may be called.
@safe struct StraightReader: ~Escapable {
    @usableFromInline let base: UnsafeRawPointer
    /// Where it stands, in bytes from the message's start.
    var position: Int
    /// The last place from which eight bytes can be read.
    private let lastWordStart: Int

    @inline(__always) private var end: Int { lastWordStart &+ 8 }

    /// Begins where `reader` stands; nothing for a message too short for whole words.
    @inline(__always) @_lifetime(copy reader)
    init?(_ reader: borrowing MessageReader) {
        guard reader.byteCount >= 8, let start = unsafe reader.bytes.baseAddress else { return nil }
        unsafe base = UnsafeRawPointer(start)
        position = reader.cursor
        lastWordStart = reader.byteCount &- 8
    }

    /// Eight bytes from `index`, the first in the lowest place, zero behind the end.
    @inline(__always) func word(at index: Int) -> UInt64 {
        guard index <= lastWordStart else { return lastWord(at: index) }
        return unsafe Self.load(base, index)
    }

    /// Eight bytes from `index`, the first in the lowest place; the caller knows that they are there.
    @inline(__always) func knownWord(at index: Int) -> UInt64 {
        assert(index &+ 8 <= end)
        return unsafe Self.load(base, index)
    }

    /// Sixteen bytes from `index`; the caller knows that they are there.
    @inline(__always) func knownBytes(at index: Int) -> SIMD16<UInt8> {
        assert(index &+ 16 <= end)
        return unsafe base.loadUnaligned(fromByteOffset: index, as: SIMD16<UInt8>.self)
    }

    /// Whether so many bytes stand from here on.
    @inline(__always) func hasBytes(_ count: Int) -> Bool { position &+ count &- 8 <= lastWordStart }

    /// The bytes from `index` to the end, zero behind it.
    @inline(never) private func lastWord(at index: Int) -> UInt64 {
        guard index < end else { return 0 }
        let last = unsafe Self.load(base, lastWordStart)
        return last >> UInt64(8 * (index - lastWordStart))
    }

    /// Moves past `literal`, of 1 to 24 bytes, if it stands here.
    @inline(__always) mutating func take(_ literal: StaticString) -> Bool {
        hasBytes(literal.utf8CodeUnitCount) && takeKnown(literal)
    }

    /// Moves past `literal` if it stands here; the caller knows that so many bytes do.
    @inline(__always) mutating func takeKnown(_ literal: StaticString) -> Bool { takeKnown(literal, at: position) }

    /// Moves behind `literal` if it stands at `index`; the caller knows that so many bytes do.
    @inline(__always) mutating func takeKnown(_ literal: StaticString, at index: Int) -> Bool {
        guard isKnown(literal, at: index) else { return false }
        position = index &+ literal.utf8CodeUnitCount
        return true
    }

    /// Whether the bytes at `index`, which the caller knows to be there, are those of `literal`.
    ///
    /// Once compiled, one comparison with a constant for each eight bytes: the length is known then and no branch of
    /// this is left. A loop over the literal's bytes stayed a loop, at eight times the instructions.
    @inline(__always) private func isKnown(_ literal: StaticString, at index: Int) -> Bool {
        let count = literal.utf8CodeUnitCount
        assert(index &+ count <= end)
        let text = unsafe UnsafeRawPointer(literal.utf8Start)
        let own = unsafe base + index
        // The words overlap where the length is no multiple of their size; the last one is the farthest.
        if count == 1 { return unsafe own.load(as: UInt8.self) == text.load(as: UInt8.self) }
        if count < 4 { return unsafe Self.areEqual(own, text, count, UInt16.self) }
        if count < 8 { return unsafe Self.areEqual(own, text, count, UInt32.self) }
        guard unsafe Self.areEqual(own, text, count, UInt64.self) else { return false }
        return unsafe count <= 16 || Self.load(own, 8) == Self.load(text, 8)
    }

    /// Whether the first and the last so many bytes are the same.
    @inline(__always) private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ own: UnsafeRawPointer, _ text: UnsafeRawPointer, _ count: Int, _: Word.Type
    ) -> Bool {
        let last = count &- MemoryLayout<Word>.size
        guard unsafe own.loadUnaligned(as: Word.self) == text.loadUnaligned(as: Word.self) else { return false }
        guard last > 0 else { return true }
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

extension StraightReader {
    /// A coin's name of up to 15 plain characters; begins and ends as a short word.
    @inline(__always) mutating func coin() -> Coin? {
        guard let word = shortWord() else { return nil }
        return Coin(Spelling(low: word.low, high: word.high, byteCount: word.count))
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
