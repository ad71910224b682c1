/// Raw DEFLATE (RFC 1951) without compression: blocks that store their bytes as they are.
enum StoredDeflate {
    /// A stored block holds at most 65535 bytes.
    private static let blockSize = 65_535

    static func wrap(_ bytes: [UInt8]) -> [UInt8] {
        var wrapped: [UInt8] = []
        wrapped.reserveCapacity(bytes.count + bytes.count / blockSize * 5 + 5)
        var start = 0
        repeat {
            let end = min(start + blockSize, bytes.count)
            let length = UInt16(end - start)
            wrapped.append(end == bytes.count ? 1 : 0)
            for value in [length, ~length] {
                wrapped.append(UInt8(truncatingIfNeeded: value))
                wrapped.append(UInt8(truncatingIfNeeded: value >> 8))
            }
            wrapped.append(contentsOf: bytes[start..<end])
            start = end
        } while start < bytes.count
        return wrapped
    }
}
