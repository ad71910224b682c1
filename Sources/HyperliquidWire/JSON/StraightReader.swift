/// Reads the venue's usual writing straight through: one key order, no white space, no escapes.
///
/// Whatever is written otherwise makes a step fail; then the any-order reader starts again at the same place, so
/// this one needs no rules for the unusual and its place stays in a register.
/// The second of the two types that read memory without the library's bounds checks: each access is in this file.
///
/// Four words, no more: larger values are handed to a function through memory, and then every step keeps the reader
/// there because a rare one may be called.
@safe struct StraightReader: ~Escapable {
    @usableFromInline let base: UnsafeRawPointer
    private let names: Unmanaged<NameTable>
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
        unsafe names = reader.unownedNames
        position = reader.cursor
        lastWordStart = reader.byteCount &- 8
    }

    /// Eight bytes from `index`, the first in the lowest place, zero behind the end.
    @inline(__always) func word(at index: Int) -> UInt64 {
        guard index <= lastWordStart else { return lastWord(at: index) }
        return unsafe Self.load(base, index)
    }

    /// Two whole words from `index`; the caller knows that they are there.
    @inline(__always) func vector(at index: Int) -> SIMD2<UInt64> {
        assert(index &+ 16 <= end)
        let vector = unsafe base.loadUnaligned(fromByteOffset: index, as: SIMD2<UInt64>.self)
        return SIMD2(UInt64(littleEndian: vector[0]), UInt64(littleEndian: vector[1]))
    }

    /// Whether so many whole words stand from `index` on.
    @inline(__always) func hasWords(_ count: Int, at index: Int) -> Bool { index &+ 8 &* count <= end }

    /// The bytes from `index` to the end, zero behind it.
    @inline(never) private func lastWord(at index: Int) -> UInt64 {
        guard index < end else { return 0 }
        let last = unsafe Self.load(base, lastWordStart)
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
            // The words overlap where the length is no multiple of eight; the last one is the farthest.
            guard position &+ count &- 8 <= lastWordStart else { return false }
            guard unsafe Self.load(base, position) == Self.load(text, 0) else { return false }
            if count > 16 {
                guard unsafe Self.load(base, position &+ 8) == Self.load(text, 8) else { return false }
            }
            if count > 8 {
                let last = count &- 8
                guard unsafe Self.load(base, position &+ last) == Self.load(text, last) else { return false }
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

    /// The 64 digits of a hash; begins behind `0x`.
    @inline(__always) mutating func hash() -> HashText? {
        guard let text = HashText(self, at: position) else { return nil }
        position &+= 64
        return text
    }

    /// The 40 digits of an address; begins behind `0x`.
    @inline(__always) mutating func address() -> AddressText? {
        guard let text = AddressText(self, at: position) else { return nil }
        position &+= 40
        return text
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

extension StraightReader {
    /// A coin's name of up to 15 plain characters; begins and ends as a short word.
    @inline(__always) mutating func coin() -> Coin? {
        guard let word = shortWord() else { return nil }
        return coin(word)
    }

    /// The coin of that name.
    @inline(__always) func coin(_ word: PackedWord) -> Coin {
        unsafe names._withUnsafeGuaranteedRef { $0.coin(word.low, word.high, count: word.count) }
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
