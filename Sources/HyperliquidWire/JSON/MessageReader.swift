/// A forward cursor over one JSON message, where it lies in the receive buffer.
///
/// Total: any bytes give values or a ``DecodingFault``, never a trap and never unbounded recursion. Feeds decode
/// from it; what they ask for in the venue's usual order is found at once, any other order works as well.
/// The only file that reads memory without the library's bounds checks: each access is below `byteCount`.
@safe public struct MessageReader: ~Escapable {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    /// The message's length in bytes.
    public let byteCount: Int
    @usableFromInline var cursor: Int
    var depth = 0
    /// Whether everything behind the value being read has been checked before.
    var isChecked = false
    /// Whether the message is a bare array, with no envelope around its data.
    var isBare = false
    /// Whether the venue's usual writing is tried first. Off only in tests that hold both ways against each other.
    package var triesFastPath = true
    /// How many unknown fields and unknown words were met.
    public internal(set) var unknownCount = 0

    /// The deepest nesting that is read.
    static let maximumDepth = 64

    /// Reads `bytes`.
    @_lifetime(borrow bytes)
    public init(_ bytes: borrowing Span<UInt8>) {
        let buffer = unsafe bytes.withUnsafeBufferPointer { unsafe $0 }
        unsafe self.bytes = buffer
        byteCount = buffer.count
        cursor = 0
    }

    /// Where the reader stands, in bytes from the message's start.
    @inlinable public var byteOffset: Int { cursor }

    @inlinable func byte(at index: Int) -> UInt8 {
        assert(index >= 0 && index < byteCount)
        return unsafe bytes[index]
    }

    /// Eight bytes from `index`, the first in the lowest place; the caller knows that they are there.
    @inlinable func word(at index: Int) -> UInt64 {
        assert(index >= 0 && index + 8 <= byteCount)
        let raw = unsafe UnsafeRawBufferPointer(bytes)
        return UInt64(littleEndian: unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Up to eight bytes from `index`, the first in the lowest place, zero behind the end.
    func partialWord(at index: Int, count: Int) -> UInt64 {
        if index + 8 <= byteCount {
            return count >= 8 ? word(at: index) : word(at: index) & ((1 << UInt64(8 * count)) - 1)
        }
        var result: UInt64 = 0
        for offset in 0..<min(count, byteCount - index) {
            result |= UInt64(byte(at: index + offset)) << UInt64(8 * offset)
        }
        return result
    }

    /// Copies a part of the message.
    func copy(_ range: Range<Int>) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(rebasing: bytes[range]))
    }

    /// The text of a part of the message that is plain.
    func text(_ range: Range<Int>) -> String {
        unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Moves past `literal` if it stands here.
    @inlinable mutating func consume(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard cursor + count <= byteCount else { return false }
        let expected = unsafe literal.utf8Start
        for index in 0..<count where unsafe bytes[cursor + index] != expected[index] { return false }
        cursor += count
        return true
    }

    func matches(_ literal: StaticString, at start: Int, count: Int) -> Bool {
        guard literal.utf8CodeUnitCount == count, start + count <= byteCount else { return false }
        let expected = unsafe literal.utf8Start
        for index in 0..<count where unsafe bytes[start + index] != expected[index] { return false }
        return true
    }

    /// Moves to the next byte that is not white space and shows it, or nothing at the end.
    @inlinable mutating func nextByte() -> UInt8? {
        while cursor < byteCount {
            let byte = byte(at: cursor)
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            cursor += 1
        }
        return nil
    }

    /// A fault at the place where the reader stands.
    func fault(_ code: DecodingFault.Code) -> DecodingFault {
        DecodingFault(cursor >= byteCount ? .truncated : code, at: min(cursor, byteCount))
    }

    @inlinable mutating func expect(_ byte: UInt8) throws(DecodingFault) {
        if cursor < byteCount, self.byte(at: cursor) == byte {
            cursor += 1
            return
        }
        try expectAfterSpace(byte)
    }

    @usableFromInline mutating func expectAfterSpace(_ byte: UInt8) throws(DecodingFault) {
        guard nextByte() == byte else { throw fault(.unexpectedByte) }
        cursor += 1
    }
}
