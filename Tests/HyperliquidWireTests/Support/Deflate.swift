/// The simplest compressed form of a text, for tests and fixtures.
enum Deflate {
    /// `bytes` in stored blocks of up to 65535 bytes (RFC 1951 section 3.2.4).
    static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = bytes[...]
        repeat {
            let block = rest.prefix(0xffff)
            rest = rest.dropFirst(block.count)
            output.append(rest.isEmpty ? 1 : 0)
            let count = UInt16(block.count)
            for word in [count, ~count] { output += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
            output += block
        } while !rest.isEmpty
        return output
    }
}
