/// Up to 15 bytes of text in two registers, with their number in the last byte.
///
/// Equal texts have equal words. ``InternedString`` and ``_RouteKey`` are made of it; both also use values of the last
/// byte above 15 for texts that do not fit.
@usableFromInline struct InlineString16: Hashable, Sendable {
    /// The first eight bytes, the first one in the least significant place.
    @usableFromInline let low: UInt64
    /// Seven more bytes, and the byte count in the most significant place.
    @usableFromInline let high: UInt64

    static let maximumByteCount = 15

    /// Takes two words as they are.
    @inlinable @inline(__always) init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// Takes up to 15 bytes; the words must be zero behind them.
    @inlinable @inline(__always) init(low: UInt64, high: UInt64, byteCount: Int) {
        assert(byteCount < 16)
        self.low = low
        self.high = high | UInt64(truncatingIfNeeded: byteCount) &<< 56
    }

    /// Takes the bytes of a text; `nil` if there are more than 15.
    init?(_ bytes: some BidirectionalCollection<UInt8>) {
        let byteCount = bytes.count
        guard byteCount <= Self.maximumByteCount else { return nil }
        var (low, high): (UInt64, UInt64) = (0, 0)
        for byte in bytes.reversed() {
            high = high << 8 | low >> 56
            low = low << 8 | UInt64(byte)
        }
        self.init(low: low, high: high, byteCount: byteCount)
    }
}

/// Up to 32 bytes of text in four words, zero behind them. ``FieldKey`` and ``_ChannelKey`` keep its length.
struct InlineString32: Hashable, Sendable {
    static let maximumByteCount = 32

    var words: SIMD4<UInt64>

    @inline(__always) init(words: SIMD4<UInt64>) {
        self.words = words
    }

    /// Takes the first 32 bytes.
    init(_ bytes: some Sequence<UInt8>) {
        words = .zero
        for (index, byte) in bytes.enumerated() {
            guard index < Self.maximumByteCount else { return }
            words[index >> 3] |= UInt64(byte) << UInt64(8 * (index & 7))
        }
    }

    /// Takes the first `byteCount` bytes of a part of a message, 32 at most.
    @inline(__always) init(_ reader: borrowing MessageReader, at start: Int, byteCount: Int) {
        assert(byteCount <= Self.maximumByteCount)
        words = .zero
        for index in 0..<4 where index * 8 < byteCount {
            words[index] = reader.partialWord(at: start + index * 8, count: min(8, byteCount - index * 8))
        }
    }

    subscript(index: Int) -> UInt8 {
        @inline(__always) get { UInt8(truncatingIfNeeded: words[index >> 3] >> UInt64(8 * (index & 7))) }
    }

    /// The first `byteCount` bytes as text.
    func text(byteCount: Int) -> String {
        unsafe String(unsafeUninitializedCapacity: byteCount) { bytes in
            for index in 0..<byteCount { unsafe bytes[index] = self[index] }
            return byteCount
        }
    }
}

/// A field's name in a message; compare it with a literal.
///
/// Names of up to 32 bytes are held without an allocation. All of the venue's names are shorter.
public struct FieldKey: Sendable {
    private let inline: InlineString32
    private let count: Int
    private let long: String?

    init(_ reader: borrowing MessageReader, _ range: Range<Int>) {
        count = range.count
        guard count <= InlineString32.maximumByteCount else {
            inline = InlineString32(words: .zero)
            long = reader.text(range)
            return
        }
        inline = InlineString32(reader, at: range.lowerBound, byteCount: count)
        long = nil
    }

    init(_ bytes: [UInt8]) {
        count = bytes.count
        let isLong = bytes.count > InlineString32.maximumByteCount
        inline = isLong ? InlineString32(words: .zero) : InlineString32(bytes)
        long = isLong ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// Returns whether the key is `literal`.
    public static func == (key: FieldKey, literal: StaticString) -> Bool {
        guard key.count == literal.utf8CodeUnitCount else { return false }
        if let long = key.long { return long == literal.description }
        for index in 0..<key.count {
            guard unsafe literal.utf8Start[index] == key.inline[index] else { return false }
        }
        return true
    }

    /// Allows a `switch` over a key with literals as its cases.
    public static func ~= (literal: StaticString, key: FieldKey) -> Bool { key == literal }

    /// The key as text.
    public var text: String { long ?? inline.text(byteCount: count) }
}
