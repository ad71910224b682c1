/// Bits of a byte array, the lowest of each byte first.
struct BitReader {
    private let bytes: [UInt8]
    private var position = 0
    private var held: UInt64 = 0
    private var heldCount = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The next `count` bits, at most 16, the first in the lowest place; nothing past the end.
    mutating func read(_ count: Int) -> UInt64? {
        while heldCount < count {
            guard position < bytes.count else { return nil }
            held |= UInt64(bytes[position]) << UInt64(heldCount)
            position += 1
            heldCount += 8
        }
        let value = held & ((1 << UInt64(count)) - 1)
        held >>= UInt64(count)
        heldCount -= count
        return value
    }

    /// Drops the rest of a byte that was begun. No whole byte is ever held, because no more is taken than asked for.
    mutating func alignToByte() {
        held = 0
        heldCount = 0
    }

    /// The next `count` whole bytes; nothing past the end.
    mutating func readBytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
